"""Whose receipts they are, as the merchant has set it up."""

from ...configuration import SettingsError
from ...orders import known
from ...store import current_store
from ..settings import PLUGIN, ReceiptsSettings
from .form import Seller


def seller(channel: str) -> Seller:
    """Of a channel's receipts (its slug); what was not set up is left out of them.

    Receipts of the past are shown whatever has become of the settings.
    """
    saved = current_store().configuration(PLUGIN, channel)
    if saved is None:
        return Seller("", "", "", known.zone())
    try:
        settings = ReceiptsSettings.from_configuration(saved, complete=False)
    except SettingsError:
        return Seller("", "", "", known.zone())
    return Seller(settings.seller, settings.inn, settings.sender, settings.zone)
