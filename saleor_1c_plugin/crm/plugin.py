"""CRMs as a plugin of Saleor's: what is set alike about all of them, and their page."""

from collections.abc import Mapping
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from saleor.permission.enums import OrderPermissions
from saleor.plugins.base_plugin import ConfigurationTypeField

from ..language import gettext_lazy as _
from ..plugin import OnecPlugin, Settings
from .pages import crm
from .settings import CrmSettings

_DEFAULT = CrmSettings()

_SETTINGS: Settings = {
    "language": (
        ConfigurationTypeField.STRING,
        _DEFAULT.language,
        _("Language"),
        _("Of what is written into the CRM: ru or en."),
    ),
    "timeline": (
        ConfigurationTypeField.STRING,
        "",
        _("In the timeline"),
        _(
            "Kinds of events, by blanks or commas: order.placed payment.charged. Empty: all; “no”: "
            "none."
        ),
    ),
}

#: About what comes back; the plugin of each CRM that tells of changes has them.
BACK: Settings = {
    "back_minutes": (
        ConfigurationTypeField.STRING,
        "0",
        _("Changes come back every, minutes"),
        _(
            "What your people do there with deals and contacts: stage, responsible person, tags "
            "and comments are written to the order. 0: nothing comes back."
        ),
    ),
    "back_actions": (
        ConfigurationTypeField.MULTILINE,
        "",
        _("What a stage does to the order"),
        _(
            "A line each: stage = confirm, or stage = cancel; done when your people move the deal "
            "there. Empty: nothing is done."
        ),
    ),
    "contacts_back": (
        ConfigurationTypeField.BOOLEAN,
        False,
        _("Names and phones come back"),
        _(
            "What your people change of a contact is changed in the customer's account. E-mail "
            "addresses never are."
        ),
    ),
}


class CrmPlugin(OnecPlugin):
    """Mirrors customers and orders, at ``/plugins/saleor1c.crm/``."""

    PLUGIN_ID = "saleor1c.crm"
    PLUGIN_NAME = _("1C: CRM")
    PLUGIN_DESCRIPTION = _(
        "Mirrors customers, orders and what happens to them into the CRMs that are switched on in "
        "their own plugins. At https://<store>/plugins/saleor1c.crm/ staff who may manage orders "
        "send everything anew, see how far that is, and decide who is who where that is in doubt; "
        "they log in there with the e-mail and the password of the dashboard."
    )
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        CrmSettings.from_configuration(values, complete=active)

    def webhook(self, request: WSGIRequest, path: str, previous_value: Any) -> HttpResponse:
        """Show the page to staff, and to nobody else."""
        return self.for_staff(request, OrderPermissions.MANAGE_ORDERS, crm)
