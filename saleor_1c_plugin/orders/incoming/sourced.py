"""What 1C sends back of documents that came to it from another room: no order comes of it."""

from ...commerceml.documents import Document, Operation
from ...report import Level, Outcome
from .. import counterparties, customers, echo, sources
from ..customers import Tell
from ..models import OrderRecord
from ..outgoing.documents import Composer
from ..outgoing.settings import OutgoingSettings
from ..sources import Source, SourcedOrder
from . import register
from .reading import Told
from .settings import Deletion, IncomingSettings


def take(
    source: Source,
    document: Document,
    told: Told,
    settings: IncomingSettings,
    composer: Composer,
    tell: Tell,
) -> Outcome:
    """Tell the operator why nothing is done; the source hears of a mark for deletion.

    Only of one that was set on the document as it is now: 1C may speak of an older state that
    has been withdrawn meanwhile. The same document once more is not told of again, but for that
    case: then 1C has taken the newer state.
    """
    outcome, again = Outcome.UNCHANGED, False
    is_order = document.operation is Operation.ORDER
    is_own = is_order or document.id.startswith(source.prefix)
    record = OrderRecord.objects.filter(order_id=document.id if is_own else document.basis)
    known = record.first()
    if is_own and not is_order:
        tell(Level.INFO, f"Это {source.name}, а не заказ: изменения в 1С на магазин не влияют")
    elif not is_order:
        message = f"{document.kind} № {document.number} не перенесён: основание — {source.name}"
        tell(Level.WARNING, f"{message}, а не заказ. Оформите его по заказу")
    elif not source.is_withdrawn_by_deletion:
        # There is nothing that the operator could have meant by it.
        pass
    elif not document.deleted:
        tell(
            Level.INFO,
            f"Это {source.name}, а не заказ: изменения в 1С на магазин не влияют. "
            "Снять можно пометкой удаления документа",
        )
    elif settings.deletion_mark is not Deletion.CANCEL:
        tell(Level.INFO, f"Пометка удаления не учтена, как указано в настройках: это {source.name}")
    elif known is not None and echo.is_news(known, composer):
        again = True
        tell(
            Level.WARNING,
            f"Пометка удаления не учтена: в магазине {source.name} с тех пор изменена",
        )
    elif source.delete(document.id):
        outcome = Outcome.UPDATED
        tell(Level.INFO, "Снято в магазине: документ помечен на удаление в 1С")
    else:
        tell(Level.INFO, "Документ помечен на удаление в 1С; в магазине снимать уже нечего")
    _remember(record.first(), document, told, again=again)
    return Outcome.UPDATED if is_order and _meet(document, tell) else outcome


def _meet(document: Document, tell: Tell) -> bool:
    """Take in who its buyer is in 1C; whether anything was changed by that."""
    item = sources.read([document.id], OutgoingSettings.load().zone).get(document.id)
    party = customers.buyer_of(document)
    if party is None or not isinstance(item, SourcedOrder):
        return False
    customers.link(item.order, party)
    return counterparties.told(party, item.order, tell)


def _remember(record: OrderRecord | None, document: Document, told: Told, *, again: bool) -> None:
    if record is None:
        # 1C has it from before: nothing is known of it here any more.
        return
    number, issued = document.onec_number, document.onec_issued
    if document.operation is Operation.ORDER and number:
        OrderRecord.objects.filter(pk=record.pk).update(onec_number=number, onec_issued=issued)
    applied = register.applied(record, document)
    applied.digest, applied.refused = told.digest, again
    applied.save()
