"""Trying the account's settings out, and asking Meta to bring what buyers say."""

from collections.abc import Mapping

from django.utils import translation
from django.utils.translation import gettext as _

from ...configuration import SettingsError
from ...outbox.calls import NoReply
from .. import consent
from . import tokens
from .client import ApiError, call
from .events import FIELDS, FIELDS_OF_PAGE, START
from .settings import InstagramSettings


def connect(saved: Mapping[str, object]) -> str:
    """What Meta says of the account.

    Raises
    ------
    SettingsError
        It does not know the account.
    """
    settings = InstagramSettings.from_configuration(saved)
    token = tokens.newest(settings)
    try:
        _require_name(settings, token)
        if not settings.verify_token:
            return _("Connected to @%(name)s. It hears nothing: there is no word for Meta.") % {
                "name": settings.username
            }
        fields = FIELDS_OF_PAGE if settings.is_of_page else FIELDS
        call(settings, token, "POST", "subscribed_apps", query={"subscribed_fields": fields})
        # A chat that is begun by a link tells its code only with an answer to such a question.
        call(settings, token, "POST", "messenger_profile", _questions())
    except ApiError as error:
        if error.is_about_token:
            raise SettingsError(
                {"token": _("Meta does not accept the token: %(why)s") % {"why": error.why}}
            ) from error
        return _not_asked(error)
    except NoReply as error:
        # Saved all the same: it may be back before the first buyer comes.
        return _not_asked(error)
    return _("Connected to @%(name)s.") % {"name": settings.username}


def _require_name(settings: InstagramSettings, token: str) -> None:
    if settings.is_of_page:
        query = {"fields": "instagram_business_account{username}"}
        found = call(settings, token, "GET", "", query=query).get("instagram_business_account")
    else:
        found = call(settings, token, "GET", "", query={"fields": "user_id,username"})
    name = str((found or {}).get("username") or "")
    if name.lower() != settings.username.lower():
        raise SettingsError({"username": _("The token is that of @%(name)s.") % {"name": name}})


def _questions() -> dict[str, object]:
    """With what a chat can be begun."""
    with translation.override(consent.usual_language()):
        question = {"question": _("How are my orders?"), "payload": START}
    return {
        "platform": "instagram",
        "ice_breakers": [{"call_to_actions": [question], "locale": "default"}],
    }


def _not_asked(error: Exception) -> str:
    return _("Meta could not be asked: %(why)s") % {"why": error}
