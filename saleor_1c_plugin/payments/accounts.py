"""The accounts that the merchant has set up, channel by channel."""

import logging
from collections.abc import Mapping

from ..configuration import SettingsError
from ..store import current_store
from .models import Attempt
from .provider import Account, Provider, providers

logger = logging.getLogger(__name__)


def of_channel(provider: Provider, channel: str) -> Account | None:
    """The account of a channel (its slug); ``None`` where the provider is off or not set up."""
    saved = current_store().configuration(provider.name, channel)
    return None if saved is None else _made(provider, channel, saved)


def of_attempt(attempt: Attempt) -> tuple[Provider, Account] | None:
    """Where to ask for an attempt; ``None`` while its provider is off in its channel."""
    provider = providers().get(attempt.provider)
    account = of_channel(provider, attempt.channel) if provider else None
    return (provider, account) if provider and account else None


def of_channels(provider: Provider) -> Mapping[str, Account]:
    """Those of all channels in which the provider is on, by slug."""
    found = {}
    for channel, saved in current_store().configurations(provider.name).items():
        account = _made(provider, channel, saved)
        if account is not None:
            found[channel] = account
    return found


def _made(provider: Provider, channel: str, saved: Mapping[str, object]) -> Account | None:
    try:
        return provider.account(saved)
    except SettingsError as error:
        # They were checked when they were saved: another version of the plugin did that.
        logger.error("%s can't be used in %s: %s", provider.title, channel, error)
        return None
