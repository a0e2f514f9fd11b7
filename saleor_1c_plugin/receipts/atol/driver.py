"""ATOL Online as the room knows it."""

from collections.abc import Mapping, Sequence

from ..compose.document import Receipt
from .register import AtolRegister
from .settings import AtolSettings


class AtolDriver:
    """See :class:`~saleor_1c_plugin.receipts.driver.Driver`."""

    name = "atol"
    title = "АТОЛ Онлайн"
    is_parallel = True

    def registers(self, saved: Mapping[str, object]) -> Sequence[AtolRegister]:
        return [AtolRegister(AtolSettings.from_configuration(saved), recall)]


def recall(external_id: str) -> Receipt | None:
    """The receipt that the room has sent with this external id."""
    # The apps are not loaded yet where this module is.
    from .. import stored
    from ..models import Receipt as Row

    row = Row.objects.filter(pk=external_id.partition(".")[0]).first()
    if row is None or row.external_id != external_id or not row.document:
        return None
    return stored.load(row.document)
