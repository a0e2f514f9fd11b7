"""Whether what a storm of receipts has come to is what the law wants."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Sum

from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.receipts.compose.document import Kind
from saleor_1c_plugin.receipts.emulator.models import Document, Drive
from saleor_1c_plugin.receipts.models import Receipt, Shift

from .storm import Diary

Type = Document.Type
_DAY = timedelta(hours=24)


def unsettled() -> dict[str, int]:
    """What is not over yet: kind → how many."""
    counts = Counter(
        Receipt.objects.exclude(state=Receipt.State.DONE).values_list("state", flat=True)
    )
    counts["messages"] = Message.objects.exclude(state=Message.State.DELIVERED).count()
    return {kind: count for kind, count in counts.items() if count}


def check_receipts(diary: Diary) -> None:
    """Every fact has one receipt, on one drive, of its amount."""
    facts = Counter(fact.split(":")[1] for fact in Receipt.objects.values_list("fact", flat=True))
    assert facts == {
        "payment": diary.done["paid"],
        "shipment": diary.done["shipped"],
        "refund": diary.done["given back"],
    }
    printed = list(Document.objects.filter(type=Type.RECEIPT).select_related("drive"))
    by_id = {document.external_id: document for document in printed}
    assert len(by_id) == len(printed), "a receipt was printed twice"
    rows = {row.external_id: row for row in Receipt.objects.all()}
    assert rows.keys() == by_id.keys()
    for external_id, row in rows.items():
        document = by_id[external_id]
        assert (row.state, row.register) == (Receipt.State.DONE, document.drive.name)
        assert (row.drive, row.fiscal_document) == (document.drive.number, document.number)
        assert (row.sign, row.total, row.kind) == (document.sign, document.total, document.kind)
        assert (row.shift_number, row.number) == (document.shift, document.receipt_number)


def check_money(diary: Diary) -> None:
    """The drives, our rows and what was paid say the same, to the kopeck."""
    sums = dict(
        Receipt.objects.values_list("kind").annotate(sum=Sum("moved")).values_list("kind", "sum")
    )
    assert sums.get(Kind.SELL) == diary.money["paid"]
    assert sums.get(Kind.SELL_REFUND, 0) == diary.money.get("given back", 0)
    printed = Document.objects.filter(type=Type.RECEIPT)
    sold = printed.filter(kind=Kind.SELL).aggregate(sum=Sum("total"))["sum"]
    assert sold == diary.money["paid"] + diary.money.get("shipped", 0)
    given = printed.filter(kind=Kind.SELL_REFUND).aggregate(sum=Sum("total"))["sum"] or 0
    assert given == diary.money.get("given back", 0)
    for content, total in printed.values_list("content", "total"):
        assert sum((Decimal(item["amount"]) for item in content["items"]), Decimal(0)) == total
        assert sum(map(Decimal, content["paid"].values()), Decimal(0)) == total


def check_drives() -> None:
    """Numbers have no gaps, and no receipt is in a shift that is closed or older than a day."""
    for drive in Drive.objects.all():
        documents = list(drive.documents.order_by("number"))
        assert [one.number for one in documents] == list(range(1, len(documents) + 1))
        opened: datetime | None = None
        shift, receipts = 0, 0
        for document in documents[1:]:
            if document.type == Type.OPENING:
                assert opened is None
                opened, shift, receipts = document.at, shift + 1, 0
            elif document.type == Type.CLOSING:
                assert opened is not None
                opened = None
            else:
                receipts += 1
                assert opened is not None
                assert timedelta(0) <= document.at - opened < _DAY
                assert document.receipt_number == receipts
            assert document.shift == shift


def check_shifts() -> None:
    """We know of the shifts that there were, and what the registers have counted in them."""
    known: defaultdict[str, dict[int, Shift]] = defaultdict(dict)
    for row in Shift.objects.all():
        assert row.number not in known[row.register]
        known[row.register][row.number] = row
    for drive in Drive.objects.all():
        assert known[drive.name].keys() <= set(range(1, drive.shift + 1))
        for number, row in known[drive.name].items():
            is_open = number == drive.shift and drive.opened is not None
            assert (row.closed is None) == is_open, (drive.name, number)
            if row.receipts is not None:
                counted = drive.documents.filter(shift=number, type=Type.RECEIPT).count()
                assert row.receipts == counted


def check_order() -> None:
    """Receipts of an order were registered in the order in which they were made."""
    rows = Receipt.objects.order_by("order_id", "created").values_list("order_id", "register")
    drives = defaultdict(set)
    for order_id, register in rows:
        drives[order_id].add(register)
    for order_id, registers in drives.items():
        for register in registers:
            numbers = Receipt.objects.filter(order_id=order_id, register=register)
            found = list(numbers.order_by("created").values_list("fiscal_document", flat=True))
            assert found == sorted(found)
