"""YooKassa's receipts as a plugin of Saleor's: its settings in the dashboard."""

from collections.abc import Mapping

from saleor.plugins.base_plugin import ConfigurationTypeField

from ...language import gettext_lazy as _
from ...plugin import CONNECTION, Settings
from ..connected_plugin import ConnectedRegisterPlugin
from .driver import YooKassaReceipts
from .settings import YooKassaReceiptsSettings

_DEFAULT = YooKassaReceiptsSettings()

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
            "The one with which the shop takes payments. It is never shown again; an empty field "
            "keeps the one that is saved."
        ),
    ),
    "time_zone": (
        ConfigurationTypeField.STRING,
        str(_DEFAULT.time_zone),
        _("Number of the time zone"),
        _(
            "Of the place of the sale, told with marked goods: from 1 to 11, by the tax service's "
            "list; 1 Kaliningrad, 2 Moscow."
        ),
    ),
    CONNECTION: (
        ConfigurationTypeField.OUTPUT,
        "",
        _("Connection"),
        _("What YooKassa said when these settings were saved."),
    ),
}


class YooKassaReceiptsPlugin(ConnectedRegisterPlugin):
    """Registers that are connected to YooKassa."""

    PLUGIN_ID = "saleor1c.yookassa_receipts"
    PLUGIN_NAME = _("1C: receipts by YooKassa")
    PLUGIN_DESCRIPTION = _(
        "Has receipts of YooKassa's payments and refunds registered by the registers that are "
        "connected to YooKassa, each after its payment. Other payments need another register."
    )
    SETTINGS = _SETTINGS
    DRIVER = YooKassaReceipts()
    SECRET = "secret_key"  # noqa: S105

    @classmethod
    def check(cls, values: Mapping[str, object], *, active: bool) -> None:
        YooKassaReceiptsSettings.from_configuration(values, complete=active)
