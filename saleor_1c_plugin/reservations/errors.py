"""What a reservation is refused for."""

from collections.abc import Collection
from enum import StrEnum


class Code(StrEnum):
    """Codes of errors, as a storefront reads them."""

    NOT_FOUND = "NOT_FOUND"
    #: Reservation is switched off in the cart's channel.
    DISABLED = "DISABLED"
    #: Not enough of the goods is free.
    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    #: More units than this buyer may reserve.
    BUYER_LIMIT = "BUYER_LIMIT"
    #: More of what is free than may be reserved altogether.
    STOCK_SHARE = "STOCK_SHARE"
    #: These goods are not reserved: excluded, a gift, or nobody counts their stock.
    NOT_RESERVABLE = "NOT_RESERVABLE"
    #: The goods can't be bought in this channel.
    UNAVAILABLE = "UNAVAILABLE"
    #: It was extended as often as the merchant lets it, or has ended.
    NOT_EXTENDABLE = "NOT_EXTENDABLE"
    INVALID = "INVALID"


class ReservationError(Exception):
    """A reservation that can't be made, extended or cancelled; nothing was changed.

    Parameters
    ----------
    message
        For the storefront's developer, in English.
    line_ids
        The cart's lines that it is about, none for all.
    """

    def __init__(
        self, code: Code, message: str, *, field: str = "", line_ids: Collection[str] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.line_ids = tuple(line_ids)
