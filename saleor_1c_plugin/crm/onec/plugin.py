"""1C as a CRM as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import OnecPlugin, Settings
from .settings import OnecCrmSettings

_DEFAULT = OnecCrmSettings()

_SETTINGS: Settings = {
    "cards": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.cards,
        _("Accounts that have not ordered go to 1C"),
        _(
            "On: each as a cancelled order without goods, for 1C makes counterparties of orders "
            "only. Off: a buyer goes to 1C with the first order."
        ),
    ),
    "since": (
        ConfigurationTypeField.STRING,
        "",
        _("Accounts from this day on"),
        _(
            "As 2026-11-25. Empty: those that are made after this was switched on. An earlier day "
            "sends older ones too, once."
        ),
    ),
    "contacts_back": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.contacts_back,
        _("Names and phones come back"),
        _(
            "What your people change of a counterparty in 1C is changed in the customer's "
            "account. An e-mail address never is: people log in with it."
        ),
    ),
    "timeline": (
        ConfigurationTypeField.STRING,
        "",
        _("Events in the order's document"),
        _(
            "Kinds, by blanks or commas: message.sent message.received. They stand in the "
            "requisite “История”, and each of them has 1C take the order anew. Empty: none."
        ),
    ),
}


class OnecCrmPlugin(OnecPlugin):
    """1C itself as the CRM."""

    PLUGIN_ID = "saleor1c.crm_onec"
    PLUGIN_NAME = _("1C: 1C as a CRM")
    PLUGIN_DESCRIPTION = _(
        "Customers in 1C, by the exchange of orders: accounts that have not ordered go there, and "
        "what 1C's people write of a counterparty comes into the customer's private metadata "
        "(onec.crm.onec.…). “1C: orders” has to be switched on, too."
    )
    DEFAULT_ACTIVE = False
    SETTINGS = _SETTINGS

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        OnecCrmSettings.from_configuration(values, complete=active)
