"""One changed object on its way into the shop."""

from dataclasses import dataclass, field

from ..commerceml.model import Offer, Product
from ..commerceml.reader import Node
from .register import KnownOffer


@dataclass(slots=True)
class ProductChange:
    """A card that differs from what the register knows."""

    item: Product
    raw: bytes
    print: bytes
    line: int = 0


@dataclass(slots=True)
class OfferChange:
    """An offer; `parts` are those of it that differ now: part → (raw, print)."""

    item: Offer
    parts: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    line: int = 0


@dataclass(slots=True)
class TradeChange:
    """Prices or stock of an offer whose card is as it was; `node` has all of it."""

    node: Node
    known: KnownOffer
    offer: Offer
    parts: dict[str, tuple[bytes, bytes]]
