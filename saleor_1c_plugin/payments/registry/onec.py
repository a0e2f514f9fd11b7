"""Registries as documents in 1C: what an account's provider has moved in a day, and kept of it.

CommerceML has no word for a bank's report of its acquiring; "Прочее" is the nearest that the
exchange of orders has. Its sum is what buyers have paid, and its requisites tell the rest. It is
no order's: 1C that books such a report has one place to take all of it from.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate

from ...commerceml.documents import Counterparty, Document, Operation
from ...days import bounds, days
from ...money import quantize
from ...orders import known, news
from ...orders.sources import SourcedDocument
from ...store.orders import Named
from ..provider import EntryKind, providers
from ..settings import PaymentsSettings, SettingsError
from .asking import coverage
from .models import RegistryDocument, RegistryEntry, RegistryRun

PREFIX = "reg-"

#: Provider, account, currency and day.
_Key = tuple[str, str, str, date]


@dataclass(slots=True)
class _Sums:
    counts: dict[str, int]
    amounts: dict[str, Decimal]
    fees: Decimal = Decimal(0)
    without_fee: int = 0


def tell(run: RegistryRun) -> None:
    """Have 1C told of the days that are now loaded; in the transaction that says so.

    What says the same as the document that 1C has is no news to it.
    """
    if not _is_wanted():
        return
    zone, loaded = known.zone(), coverage()
    account = (run.provider, run.account)
    told = []
    last = (run.until - timedelta(microseconds=1)).astimezone(zone).date()
    for day in days(run.since.astimezone(zone).date(), last):
        since, until = bounds(day, zone)
        if not loaded.has_all(account, since, until):
            continue
        entries = RegistryEntry.objects.filter(
            provider=run.provider, account=run.account, at__gte=since, at__lt=until
        )
        for currency in sorted(set(entries.values_list("currency", flat=True))):
            document, _ = RegistryDocument.objects.get_or_create(
                provider=run.provider, account=run.account, day=day, currency=currency
            )
            told.append(f"{PREFIX}{document.pk}")
    news.changed(told)


class Registries:
    """The documents as a :class:`~saleor_1c_plugin.orders.sources.Source`."""

    name = "реестр платежей"
    prefix = PREFIX
    is_withdrawn_by_deletion = False

    def read(self, document_ids: Sequence[str], zone: ZoneInfo) -> Mapping[str, SourcedDocument]:
        if not _is_wanted():
            return {}
        rows = RegistryDocument.objects.filter(pk__in=_keys(document_ids))
        documents = {f"{PREFIX}{row.pk}": row for row in rows}
        sums = _sums(list(documents.values()), zone)
        return {
            document_id: SourcedDocument(
                _document(document_id, row, sums.get(_key(row)) or _Sums({}, {}))
            )
            for document_id, row in documents.items()
        }

    def changed_by_time(self) -> Collection[str]:
        return ()

    def statuses(self) -> Sequence[Named]:
        return ()

    def delete(self, document_id: str) -> bool:
        """What a provider has moved is not undone by a mark in 1C."""
        return False


def _is_wanted() -> bool:
    try:
        settings = PaymentsSettings.load()
    except SettingsError:
        return False
    return settings is not None and settings.registry_to_onec


def _keys(document_ids: Sequence[str]) -> list[UUID]:
    found = []
    for document_id in document_ids:
        try:
            found.append(UUID(document_id.removeprefix(PREFIX)))
        except ValueError:
            continue
    return found


def _key(row: RegistryDocument) -> _Key:
    return row.provider, row.account, row.currency, row.day


def _sums(documents: Sequence[RegistryDocument], zone: ZoneInfo) -> Mapping[_Key, _Sums]:
    """One query for all of them."""
    if not documents:
        return {}
    begins, _ = bounds(min(row.day for row in documents), zone)
    _, ends = bounds(max(row.day for row in documents), zone)
    rows = (
        RegistryEntry.objects.filter(
            provider__in={row.provider for row in documents}, at__gte=begins, at__lt=ends
        )
        .annotate(day=TruncDate("at", tzinfo=zone))
        .values_list("provider", "account", "currency", "day", "kind")
        .annotate(
            amounts=Sum("amount"),
            fees=Sum("fee"),
            number=Count("pk"),
            without_fee=Count("pk", filter=Q(fee=None)),
        )
        .order_by()
    )
    found: dict[_Key, _Sums] = {}
    for provider, account, currency, day, kind, amount, fees, number, without_fee in rows:
        sums = found.setdefault((provider, account, currency, day), _Sums({}, {}))
        sums.counts[kind], sums.amounts[kind] = number, amount
        sums.fees += fees or 0
        if kind == EntryKind.PAYMENT:
            sums.without_fee = without_fee
    return found


def _document(document_id: str, row: RegistryDocument, sums: _Sums) -> Document:
    provider = providers().get(row.provider)
    title = provider.title if provider else row.provider

    def amount(kind: EntryKind) -> Decimal:
        return quantize(sums.amounts.get(kind, Decimal(0)), row.currency)

    paid, refunded = amount(EntryKind.PAYMENT), amount(EntryKind.REFUND)
    taken_back, fees = amount(EntryKind.CHARGEBACK), quantize(sums.fees, row.currency)
    requisites = {
        "Вид документа": "Реестр платежей",
        "Платёжная система": title,
        "Платёжная система ИД": row.provider,
        "Счёт в платёжной системе": row.account,
        "Дата реестра": row.day.isoformat(),
        "Сумма платежей": f"{paid:f}",
        "Количество платежей": f"{sums.counts.get(EntryKind.PAYMENT, 0)}",
        "Сумма возвратов": f"{refunded:f}",
        "Количество возвратов": f"{sums.counts.get(EntryKind.REFUND, 0)}",
        "Сумма отозванных платежей": f"{taken_back:f}",
        "Количество отозванных платежей": f"{sums.counts.get(EntryKind.CHARGEBACK, 0)}",
        "Комиссия": f"{fees:f}",
        "К перечислению": f"{paid - refunded - taken_back - fees:f}",
    }
    if sums.without_fee:
        requisites["Платежей без указания комиссии"] = f"{sums.without_fee}"
    return Document(
        id=document_id,
        number=f"РП-{row.day:%Y%m%d}-{str(row.pk)[:6].upper()}",
        kind=Operation.OTHER,
        issued=row.day,
        currency=row.currency,
        amount=paid,
        # The same one every day.
        counterparties=(
            Counterparty(
                id=f"provider:{row.provider}", name=title, full_name=title, is_company=True
            ),
        ),
        requisites=tuple(requisites.items()),
        comment=f"{title}, счёт {row.account}: реестр платежей за {row.day:%d.%m.%Y}",
    )
