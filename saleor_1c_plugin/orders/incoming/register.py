"""The record of an order while a document of 1C's is applied to it."""

from collections.abc import Collection, Sequence
from enum import StrEnum

from django.db import connection

from ...commerceml.documents import Document, Operation
from .. import news
from ..models import AppliedDocument, HandOut, OrderRecord, ToldFact

#: Class of the advisory locks on documents: any number that nothing else in the database takes.
_DOCUMENTS = 0x3143_0003


class FactKind(StrEnum):
    """What 1C may tell of twice: by a document of its own, and by the order's requisites."""

    PAYMENT = "payment"
    REFUND = "refund"
    SHIPMENT = "shipment"


def lock(order_id: str) -> OrderRecord:
    """Record of an order, kept from everybody else until the commit.

    The order itself is to be locked before: so the shop does it, whose writes end here.
    """
    rows = OrderRecord.objects.select_for_update()
    record = rows.filter(order_id=order_id).first()
    if record is None:
        news.changed([order_id])
        record = rows.get(order_id=order_id)
    return record


def lock_document(onec_id: str) -> None:
    """Let one worker at a time, until the commit, make an order of this document."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_DOCUMENTS, onec_id])


def save(record: OrderRecord) -> None:
    """Save what a document has told of the order: 1C's number and date, the package's time."""
    record.save(update_fields=["onec_number", "onec_issued", "applied_from"])


def contradict(record: OrderRecord) -> None:
    """Have 1C told how the order is, though the shop did not change it: 1C thinks otherwise."""
    news.changed([record.order_id])
    OrderRecord.objects.filter(pk=record.pk).update(digest="")
    # What a session was given before is no answer to it, even if it is the same.
    HandOut.objects.filter(order=record).delete()


def known(digests: Collection[str]) -> set[str]:
    """Digests of those documents that were applied before, all of them."""
    applied = AppliedDocument.objects.filter(digest__in=digests, refused=False)
    return set(applied.values_list("digest", flat=True))


def order_of(document_id: str) -> str:
    """The shop's order that 1C's order of this id was applied to, or ``""``."""
    found = AppliedDocument.objects.filter(
        kind=Operation.ORDER.value, onec_id=document_id, order__isnull=False
    )
    return found.values_list("order__order_id", flat=True).first() or ""


def applied(record: OrderRecord, document: Document) -> AppliedDocument:
    """What is known of `document`, to be completed when it is applied."""
    row, _created = AppliedDocument.objects.get_or_create(
        kind=(document.operation or Operation.OTHER).value,
        onec_id=document.id,
        defaults={"order": record, "refused": True},
    )
    return row


def told_as(record: OrderRecord, kind: FactKind, references: Sequence[str]) -> str:
    """Name that a fact was recorded by in the shop, told by any of these; or ``""``."""
    told = ToldFact.objects.filter(order=record, kind=kind.value, reference__in=references)
    return told.values_list("name", flat=True).first() or ""


def tell(record: OrderRecord, kind: FactKind, references: Sequence[str], name: str) -> None:
    """Note that the fact of this `name` may be told again by any of these references."""
    ToldFact.objects.bulk_create(
        [
            ToldFact(order=record, kind=kind.value, reference=reference, name=name)
            for reference in references
        ],
        ignore_conflicts=True,
    )
