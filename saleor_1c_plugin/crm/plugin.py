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
