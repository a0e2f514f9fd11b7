"""Payment on delivery, as the core knows it."""

from collections.abc import Mapping

from ..offline import Offline
from .account import OnDeliveryAccount
from .settings import OnDeliverySettings


class OnDelivery(Offline):
    """See :class:`~saleor_1c_plugin.payments.provider.Provider`."""

    name = "on_delivery"
    title = "Оплата при получении"

    def account(self, saved: Mapping[str, object]) -> OnDeliveryAccount:
        return OnDeliveryAccount(OnDeliverySettings.from_configuration(saved))
