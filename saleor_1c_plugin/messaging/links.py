"""Addresses of readers' own pages, which nobody finds out who was not written to."""

from ..store import current_payments
from .models import Preference
from .values import absolute

#: Pages of readers, among those of the plugin; the others are for staff.
PREFIX = "p/"
PLUGIN_ID = "saleor1c.messages"


def address_of(row: Preference, place: str) -> str:
    """Of a reader's page; empty where the store does not know its own address.

    Parameters
    ----------
    place
        Address of the store, for one that does not know it itself.
    """
    return address_with(row.secret, place)


def address_with(secret: str, place: str) -> str:
    page = current_payments().page_address(PLUGIN_ID, f"{PREFIX}{secret}/")
    return absolute(page, place)
