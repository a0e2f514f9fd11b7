"""YooKassa's receipts, as the room knows them."""

from collections.abc import Mapping, Sequence

from .register import Kept, YooKassaRegister
from .settings import YooKassaReceiptsSettings


class YooKassaReceipts:
    """See :class:`~saleor_1c_plugin.receipts.driver.Driver`."""

    name = "yookassa_receipts"
    title = "Чеки ЮKassa"
    is_parallel = True

    def registers(self, saved: Mapping[str, object]) -> Sequence[YooKassaRegister]:
        settings = YooKassaReceiptsSettings.from_configuration(saved)
        return [YooKassaRegister(settings, recall)]


def recall(external_id: str) -> Kept | None:
    """What the room has sent with this external id."""
    # Models are not there before the apps are loaded.
    from .. import stored
    from ..models import Receipt as Row

    row = Row.objects.filter(pk=external_id.partition(".")[0]).first()
    if row is None or row.document is None or row.external_id != external_id:
        return None
    others = Row.objects.filter(order_id=row.order_id, register=row.register).exclude(pk=row.pk)
    references = list(others.exclude(reference="").values_list("reference", flat=True))
    return Kept(stored.load(row.document), row.created, references)
