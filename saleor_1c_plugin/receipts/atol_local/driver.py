"""Registers of the merchant's own as the room knows them."""

from collections.abc import Mapping, Sequence

from .register import AtolLocalRegister
from .settings import AtolLocalSettings


class AtolLocalDriver:
    """See :class:`~saleor_1c_plugin.receipts.driver.Driver`."""

    name = "atol_local"
    title = "АТОЛ: своя касса"
    #: One printer, one drive.
    is_parallel = False

    def registers(self, saved: Mapping[str, object]) -> Sequence[AtolLocalRegister]:
        settings = AtolLocalSettings.from_configuration(saved)
        return [AtolLocalRegister(place, settings) for place in settings.places]
