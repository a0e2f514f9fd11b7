"""Shifts as documents in 1C: what a register has printed from its opening to its closing.

CommerceML has no word for a report of a cash register; "Прочее" is the nearest that the exchange
of orders has. Its sum is the money that buyers have paid, and its requisites tell the rest. It is
told once the shift is over: closed by us, or, where the register's service keeps the shifts, when
the 24 hours are over that the law gives it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, Max, OuterRef, Q, Sum, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from ..commerceml.documents import Counterparty, Document, Operation
from ..configuration import SettingsError
from ..orders import news
from ..orders.models import OrderRecord
from ..orders.sources import SourcedDocument
from ..store import current_store
from ..store.orders import Named
from .compose.document import Kind
from .models import Receipt, Shift, ShiftDocument
from .printing import words
from .registers import Park
from .reports import totals
from .reports.totals import MeansTotal, RateTotal, ShiftKey
from .settings import PLUGIN, ReceiptsSettings

#: With a UUID it makes the 40 signs that 1C's schema has for an id.
PREFIX = "kkt-"
#: The longest that a shift may last.
_LONGEST = timedelta(hours=24)
_CORRECTIONS = [kind.value for kind in Kind if kind.is_correction]
_REFUNDS = [kind.value for kind in Kind if kind.is_refund]


def registered(receipt: Receipt, park: Park) -> None:
    """Have the receipt's shift told of when it is over; in the transaction that registers it."""
    # A register may print for several channels.
    is_wanted = any(channel.settings.to_onec for channel in park.channels.values())
    if receipt.shift_number and receipt.registered is not None and is_wanted:
        row, _ = ShiftDocument.objects.get_or_create(
            register=receipt.register,
            drive=receipt.drive,
            number=receipt.shift_number,
            defaults={"began": receipt.registered},
        )
        # Its register may have been asked about it after it was told of.
        news.changed([_id(row.pk)], only_known=True)


def closed(shift: Shift) -> None:
    """Have 1C told of a shift that is over; in the transaction that says so."""
    if not _is_wanted():
        return
    rows = ShiftDocument.objects.filter(
        register=shift.register, number=shift.number, began__gte=shift.opened
    )
    news.changed([_id(pk) for pk in rows.values_list("pk", flat=True)])


class Shifts:
    """The documents as a :class:`~saleor_1c_plugin.orders.sources.Source`."""

    name = "отчёт о закрытии смены"
    prefix = PREFIX
    is_withdrawn_by_deletion = False

    def read(self, document_ids: Sequence[str], zone: ZoneInfo) -> Mapping[str, SourcedDocument]:
        if not _is_wanted():
            return {}
        rows = list(ShiftDocument.objects.filter(pk__in=_keys(document_ids)))
        if not rows:
            return {}
        contents = _contents(rows)
        return {
            _id(row.pk): SourcedDocument(_document(row, contents[_key(row)], zone)) for row in rows
        }

    def changed_by_time(self) -> Collection[str]:
        if not _is_wanted():
            return ()
        told = OrderRecord.objects.filter(
            order_id=Concat(Value(PREFIX), Cast(OuterRef("pk"), TextField())),
            changed__gte=OuterRef("over"),
        )
        over = ShiftDocument.objects.annotate(over=F("began") + Value(_LONGEST)).filter(
            ~Exists(told), over__lt=timezone.now()
        )
        return [_id(pk) for pk in over.values_list("pk", flat=True)]

    def statuses(self) -> Sequence[Named]:
        return ()

    def delete(self, document_id: str) -> bool:
        """What a register has printed is not undone by a mark in 1C."""
        return False


def _is_wanted() -> bool:
    """Some channel's settings want it: a register may print for several."""
    for saved in current_store().configurations(PLUGIN).values():
        try:
            if ReceiptsSettings.from_configuration(saved, complete=False).to_onec:
                return True
        except SettingsError:
            continue
    return False


def _id(pk: UUID) -> str:
    return f"{PREFIX}{pk}"


def _keys(document_ids: Sequence[str]) -> list[UUID]:
    found = []
    for document_id in document_ids:
        try:
            found.append(UUID(document_id.removeprefix(PREFIX)))
        except ValueError:
            continue
    return found


@dataclass(slots=True)
class _Contents:
    """What a shift comes to."""

    sales: int = 0
    refunds: int = 0
    corrections: int = 0
    taken: Decimal = Decimal(0)
    given_back: Decimal = Decimal(0)
    last: datetime | None = None
    register_number: str = ""
    rates: Sequence[RateTotal] = ()
    means: Sequence[MeansTotal] = ()
    #: As the register has closed it, where we keep its shifts.
    shift: Shift | None = None


def _key(row: ShiftDocument) -> ShiftKey:
    return row.register, row.drive, row.number


def _contents(documents: Sequence[ShiftDocument]) -> Mapping[ShiftKey, _Contents]:
    """A few queries for all of them."""
    found = {_key(row): _Contents() for row in documents}
    registers = {row.register for row in documents}
    numbers = {row.number for row in documents}
    receipts = Receipt.objects.filter(
        state=Receipt.State.DONE,
        register__in=registers,
        drive__in={row.drive for row in documents},
        shift_number__in=numbers,
    )
    rates, means = totals.rates_of_shifts(receipts), totals.means_of_shifts(receipts)
    is_refund = Q(kind__in=_REFUNDS)
    counted = (
        receipts.order_by()
        .values("register", "drive", "shift_number")
        .annotate(
            sales=Count("pk", filter=~is_refund),
            refunds=Count("pk", filter=is_refund),
            corrections=Count("pk", filter=Q(kind__in=_CORRECTIONS)),
            taken=Sum("moved", filter=~is_refund),
            given_back=Sum("moved", filter=is_refund),
            last=Max("registered"),
            last_register_number=Max("register_number"),
        )
    )
    for one in counted:
        key = one["register"], one["drive"], one["shift_number"]
        if key in found:
            found[key] = _Contents(
                sales=one["sales"],
                refunds=one["refunds"],
                corrections=one["corrections"],
                taken=one["taken"] or Decimal(0),
                given_back=one["given_back"] or Decimal(0),
                last=one["last"],
                register_number=one["last_register_number"],
                rates=rates.get(key, ()),
                means=means.get(key, ()),
            )
    shifts = Shift.objects.filter(register__in=registers, number__in=numbers).order_by("opened")
    by_number: defaultdict[tuple[str, int], list[Shift]] = defaultdict(list)
    for shift in shifts:
        by_number[shift.register, shift.number].append(shift)
    for row in documents:
        # After another drive was put in, numbers begin anew: the shift is the last one before.
        for shift in by_number[row.register, row.number]:
            if shift.opened <= row.began:
                found[_key(row)].shift = shift
    return found


def _document(row: ShiftDocument, contents: _Contents, zone: ZoneInfo) -> Document:
    return Document(
        id=_id(row.pk),
        number=f"СМ-{row.drive[-6:]}-{row.number}",
        kind=Operation.OTHER,
        issued=row.began.astimezone(zone).date(),
        currency="RUB",
        amount=contents.taken,
        # The same one every day.
        counterparties=(
            Counterparty(
                id=f"register:{row.register}",
                name=row.register,
                full_name=row.register,
                is_company=True,
            ),
        ),
        requisites=tuple(
            (name, value) for name, value in _requisites(row, contents, zone) if value
        ),
        comment=f"Касса {row.register}: отчёт о закрытии смены № {row.number}",
    )


def _requisites(
    row: ShiftDocument, contents: _Contents, zone: ZoneInfo
) -> Iterator[tuple[str, str]]:
    shift = contents.shift
    yield "Вид документа", "Отчёт о закрытии смены"
    yield "Касса", row.register
    yield "Регистрационный номер ККТ", contents.register_number
    yield "Номер ФН", row.drive
    yield "Номер смены", str(row.number)
    yield "Дата открытия смены", _local(shift.opened if shift else row.began, zone)
    yield "Дата закрытия смены", _local((shift and shift.closed) or contents.last, zone)
    if shift is not None:
        yield "Номер ФД отчёта", str(shift.fiscal_document or "")
        yield "ФПД отчёта", shift.sign
    yield "Количество чеков прихода", str(contents.sales)
    yield "Количество чеков возврата прихода", str(contents.refunds)
    yield "Количество чеков коррекции", str(contents.corrections) if contents.corrections else ""
    yield "Сумма оплат", f"{contents.taken:.2f}"
    yield "Сумма возвратов", f"{contents.given_back:.2f}"
    yield "Выручка", f"{contents.taken - contents.given_back:.2f}"
    for one in contents.means:
        yield f"{words.MEANS[one.means]}, приход", f"{one.sold:.2f}"
        yield f"{words.MEANS[one.means]}, возврат", f"{one.refunded:.2f}" if one.refunded else ""
    for rate in contents.rates:
        name = words.RATES[rate.rate]
        yield f"{name}, приход", f"{rate.sold:.2f}"
        yield f"{name}, налог с прихода", f"{rate.tax_sold:.2f}" if rate.tax_sold else ""
        yield f"{name}, возврат", f"{rate.refunded:.2f}" if rate.refunded else ""
        yield f"{name}, налог с возврата", f"{rate.tax_refunded:.2f}" if rate.tax_refunded else ""


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    """By the shop's clock, as documents have it."""
    if moment is None:
        return ""
    return moment.astimezone(zone).replace(microsecond=0, tzinfo=None).isoformat(" ")
