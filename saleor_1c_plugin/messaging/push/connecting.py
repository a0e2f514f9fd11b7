"""Trying the account out: Google gives it a token, and Firebase would let it send."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from ...configuration import SettingsError
from ...outbox.calls import NoReply
from . import client
from .access import AccessDenied
from .client import ApiError
from .settings import SECRET, PushSettings

#: Whom a trial would be for; nobody gets it.
_NOBODY = {"topic": "saleor-1c-plugin", "data": {"trial": "1"}}


def connect(saved: Mapping[str, object]) -> str:
    """What Google and Firebase say of the account.

    Raises
    ------
    SettingsError
        They do not let it send.
    """
    settings = PushSettings.from_configuration(saved)
    try:
        client.send(settings, _NOBODY, is_trial=True)
    except AccessDenied as error:
        why = _("Google does not accept the account: %(why)s") % {"why": error}
        raise SettingsError({SECRET: why}) from error
    except ApiError as error:
        if error.status < 429:
            why = _("Firebase does not let the account send: %(why)s") % {"why": error}
            raise SettingsError({SECRET: why}) from error
        return _not_asked(error)
    except NoReply as error:
        # Saved all the same: it may be back before the first message.
        return _not_asked(error)
    return _("Connected to the project %(name)s.") % {"name": settings.project}


def _not_asked(error: Exception) -> str:
    return _("Firebase could not be asked: %(why)s") % {"why": error}
