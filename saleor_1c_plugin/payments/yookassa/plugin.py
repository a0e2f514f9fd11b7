"""YooKassa as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import CONNECTION, Settings
from ..gateway import ADDRESS_HEADER, GatewayPlugin
from .provider import YooKassa
from .settings import METHODS, NETWORKS, YooKassaSettings

_DEFAULT = YooKassaSettings()

_SETTINGS: Settings = {
    "shop_id": (
        ConfigurationTypeField.STRING,
        "",
        _("Shop"),
        _("The number of the shop (shopId), from YooKassa's merchant profile."),
    ),
    "secret_key": (
        ConfigurationTypeField.PASSWORD,
        "",
        _("Secret key"),
        _(
            "That of a test shop makes this gateway a test one. It is never shown again; an "
            "empty field keeps the one that is saved."
        ),
    ),
    "methods": (
        ConfigurationTypeField.STRING,
        " ".join(METHODS),
        _("Ways to pay"),
        _(
            "Those that a storefront may offer, by blanks or commas: bank_card, yoo_money, sbp, "
            "sberbank (SberPay), tinkoff_bank (T-Pay)."
        ),
    ),
    "two_stage": (
        ConfigurationTypeField.BOOLEAN,
        _DEFAULT.two_stage,
        _("Two stages"),
        _(
            "On: the money is held, and taken when staff say so. Off: as the channel's settings "
            "say, usually at once."
        ),
    ),
    "confirmation": (
        ConfigurationTypeField.STRING,
        _DEFAULT.confirmation.value,
        _("Where the buyer pays"),
        _("redirect: on a page of YooKassa's; widget: in the storefront's own page."),
    ),
    "return_url": (
        ConfigurationTypeField.STRING,
        "",
        _("Address to come back to"),
        _("Where the buyer comes after paying, unless the storefront says."),
    ),
    "networks": (
        ConfigurationTypeField.MULTILINE,
        NETWORKS,
        _("Networks of notifications"),
        _(
            "As YooKassa publishes them; what comes from elsewhere is refused. Empty: nothing is. "
            "Whatever comes, YooKassa itself is asked how the payment is. Give YooKassa the "
            "address https://<store>/plugins/saleor1c.yookassa/ for notifications of payments "
            "and refunds."
        ),
    ),
    "address_header": ADDRESS_HEADER,
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What YooKassa said when these settings were saved."),
    ),
}


class YooKassaPlugin(GatewayPlugin):
    """Payments by YooKassa."""

    PLUGIN_ID = "saleor1c.yookassa"
    PLUGIN_NAME = _("1C: YooKassa")
    PLUGIN_DESCRIPTION = _(
        "Takes payments by cards, the YooMoney wallet, SBP, SberPay and T-Pay. Its notifications "
        "come to https://<store>/plugins/saleor1c.yookassa/."
    )
    SETTINGS = _SETTINGS
    PROVIDER = YooKassa()
    SECRET = "secret_key"  # noqa: S105

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        YooKassaSettings.from_configuration(values, complete=active)
