"""Trying the bot's settings out, and telling Telegram where to bring what buyers say."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from ...configuration import SettingsError
from ...outbox.calls import NoReply
from .client import ApiError, call
from .settings import TelegramSettings
from .updates import KINDS


def connect(saved: Mapping[str, object]) -> str:
    """What Telegram says of the bot.

    Raises
    ------
    SettingsError
        It does not know the bot, or can't bring anything to the address.
    """
    settings = TelegramSettings.from_configuration(saved)
    try:
        _require_name(settings)
        if not settings.webhook_url:
            return _("Connected to @%(name)s. It hears nothing: there is no address.") % {
                "name": settings.username
            }
        try:
            call(
                settings.token,
                "setWebhook",
                {
                    "url": settings.webhook_url,
                    "secret_token": settings.secret,
                    "allowed_updates": list(KINDS),
                },
            )
        except ApiError as error:
            if error.code != 400:
                raise
            raise SettingsError({"webhook_url": error.why}) from error
    except ApiError as error:
        if error.is_about_token:
            raise SettingsError(
                {"token": _("Telegram does not accept the token: %(why)s") % {"why": error.why}}
            ) from error
        return _not_asked(error)
    except NoReply as error:
        # Saved all the same: it may be back before the first buyer comes.
        return _not_asked(error)
    return _("Connected to @%(name)s.") % {"name": settings.username}


def _require_name(settings: TelegramSettings) -> None:
    name = str(call(settings.token, "getMe").get("username") or "")
    if name.lower() != settings.username.lower():
        raise SettingsError(
            {"username": _("The token is that of @%(name)s.") % {"name": name}},
        )


def _not_asked(error: Exception) -> str:
    return _("Telegram could not be asked: %(why)s") % {"why": error}
