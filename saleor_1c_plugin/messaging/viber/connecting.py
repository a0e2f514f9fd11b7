"""Trying the bot's settings out, and telling Viber where to bring what buyers say."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from ...configuration import SettingsError
from ...outbox.calls import NoReply
from .callbacks import KINDS
from .client import ApiError, call
from .settings import ViberSettings

_WRONG_ADDRESS = 1
_WRONG_TOKEN = 2


def connect(saved: Mapping[str, object]) -> str:
    """What Viber says of the bot.

    It tries the address at once: see :data:`.callbacks.TRIAL`.

    Raises
    ------
    SettingsError
        It does not know the bot, or can't bring anything to the address.
    """
    settings = ViberSettings.from_configuration(saved)
    try:
        _require_name(settings)
        if not settings.webhook_url:
            return _("Connected to %(name)s. It hears nothing: there is no address.") % {
                "name": settings.uri
            }
        call(
            settings.token,
            "set_webhook",
            {"url": settings.webhook_url, "event_types": list(KINDS)},
        )
    except ApiError as error:
        if error.status == _WRONG_ADDRESS:
            raise SettingsError({"webhook_url": error.why}) from error
        if error.status == _WRONG_TOKEN:
            raise SettingsError(
                {"token": _("Viber does not accept the token: %(why)s") % {"why": error.why}}
            ) from error
        return _not_asked(error)
    except NoReply as error:
        # Saved all the same: it may be back before the first buyer comes.
        return _not_asked(error)
    return _("Connected to %(name)s.") % {"name": settings.uri}


def _require_name(settings: ViberSettings) -> None:
    uri = str(call(settings.token, "get_account_info").get("uri") or "")
    if uri.lower() != settings.uri.lower():
        raise SettingsError({"uri": _("The token is that of %(name)s.") % {"name": uri}})


def _not_asked(error: Exception) -> str:
    return _("Viber could not be asked: %(why)s") % {"why": error}
