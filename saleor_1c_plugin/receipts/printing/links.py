"""Addresses of receipts' pages, which nobody finds out who was not given one."""

from uuid import UUID

from django.core.signing import BadSignature, Signer

from ...store import current_payments

_SIGNER = Signer(salt="saleor_1c_plugin.receipts")
#: Pages of buyers, among those of the plugin; the others are for staff.
PREFIX = "r/"
PLUGIN = "saleor1c.receipts"


def path_of(receipt: UUID) -> str:
    """Of a receipt's page, below the plugin's own."""
    return f"{PREFIX}{_SIGNER.sign(receipt.hex)}/"


def address_of(receipt: UUID) -> str:
    """Of a receipt's page, as a browser finds it."""
    return current_payments().page_address(PLUGIN, path_of(receipt))


def receipt_in(path: str) -> UUID | None:
    """The receipt whose page it is, by what follows the prefix; ``None``: nobody was given it."""
    try:
        return UUID(_SIGNER.unsign(path.strip("/")))
    except (BadSignature, ValueError):
        return None
