"""Trying the portal's settings out."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from ...configuration import SettingsError
from ...crm.bitrix24.client import Client
from ...outbox.errors import Retry
from .settings import PortalSettings

#: Right of a webhook that notifications need.
_RIGHT = "im"


def connect(saved: Mapping[str, object]) -> str:
    """What the portal says of the one who is told where nobody is in charge.

    Raises
    ------
    SettingsError
        It does not let us in, or there is nobody of this number.
    """
    settings = PortalSettings.from_configuration(saved)
    client = Client(settings.account)
    try:
        scope, _next = client.call("scope", {})
        if scope.problem:
            raise SettingsError({"webhook": scope.problem})
        if not isinstance(scope.result, list) or _RIGHT not in scope.result:
            raise SettingsError(
                {"webhook": _("The webhook needs the right “Chat and notifications (im)”.")}
            )
        user, _next = client.call("im.user.get", {"ID": settings.manager})
    except Retry as error:
        # Saved all the same: it may be back before the first message.
        return _("Bitrix24 could not be asked: %(why)s") % {"why": error.reason}
    who = user.result if isinstance(user.result, Mapping) else {}
    if not who:
        raise SettingsError({"manager": _("There is no such user in the portal.")})
    return _("Connected to %(portal)s. Where nobody is in charge, %(name)s is told.") % {
        "portal": settings.account.portal,
        "name": " ".join(str(who.get("name") or settings.manager).split()),
    }
