"""The rows of a period: what each side knows, asked for with a few queries and laid together."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q

from ...orders import known
from ...store import bulk, current_payments
from ...store.payments import Move, ReportKind
from ..models import Attempt, Operation
from ..provider import Conversion, EntryKind, Status, gateway_id, providers
from . import closing
from .asking import coverage, numbers
from .matching import Listed, Own, Row, Sold, match
from .models import RegistryEntry, RegistryRun

_KINDS = {
    ReportKind.CHARGED: EntryKind.PAYMENT,
    ReportKind.REFUNDED: EntryKind.REFUND,
    ReportKind.CHARGED_BACK: EntryKind.CHARGEBACK,
}
_GIVEN_BACK = {
    Operation.Kind.REFUND: EntryKind.REFUND,
    Operation.Kind.CHARGEBACK: EntryKind.CHARGEBACK,
}
#: What is laid beside the other sides.
_ATTEMPT = (
    *("provider", "channel", "transaction", "payment_id", "status", "created"),
    *("amount", "charged", "currency"),
)


def rows(since: datetime, until: datetime, provider: str = "") -> list[Row]:
    """All moves of money from `since` on and before `until`, differences first.

    A move is of the time that the provider says, else of the shop's: what happened about midnight
    is in one period and not in two. Ways to pay without a registry have nothing to be laid beside.

    Parameters
    ----------
    provider
        Only this one's; empty: all.
    """
    accounts = numbers()
    sides = [
        _sides(
            name, since, until, {slug: no for (own, slug), no in accounts.items() if own == name}
        )
        for name in listing()
        if provider in ("", name)
    ]
    sold = [fact for side in sides for fact in side.sold]
    covered = coverage()
    found = match(
        (fact for side in sides for fact in side.listed),
        (fact for side in sides for fact in side.own),
        sold,
        known.knowledge({fact.order_id for fact in sold}) if known.is_told() else None,
        lambda name, account, at: covered.has((name, account), at),
    )
    return _closed([row for row in found if since <= row.fact.at < until])


def _closed(rows: list[Row]) -> list[Row]:
    """The same, those that a person has closed with who has."""
    lines = [closing.move(row) if row.outcome.is_difference else None for row in rows]
    found = closing.closed([line for line in lines if line is not None])
    return [
        replace(row, closed=found[line]) if line and line in found else row
        for row, line in zip(rows, lines, strict=True)
    ]


def listing() -> list[str]:
    """Names of the providers that have a registry, or had one."""
    found = {name for name, _ in numbers()}
    found |= set(RegistryRun.objects.values_list("provider", flat=True).distinct())
    return sorted(found & providers().keys())


@dataclass(frozen=True, slots=True)
class _Sides:
    listed: list[Listed]
    own: list[Own]
    sold: list[Sold]


def _sides(name: str, since: datetime, until: datetime, accounts: dict[str, str]) -> _Sides:
    """What each side knows of a provider's moves in a period, and of their payments at any time."""
    entries = RegistryEntry.objects.filter(provider=name)
    in_period = list(entries.filter(at__gte=since, at__lt=until))
    store, gateway = current_payments(), gateway_id(name)
    moves = list(store.moves(gateway, since, until))
    attempts = _attempts(name, since, until, in_period, moves)
    transactions = [attempt.transaction for attempt in attempts]
    moves = _once([*moves, *store.moves(gateway, since, since, transactions)])
    ids = {attempt.payment_id for attempt in attempts} | {move.reference for move in moves}
    about = Q(payment_id__in=bulk.any_of(ids, "text")) | Q(
        kind__in=list(EntryKind), reference__in=bulk.any_of(ids, "text")
    )
    others = entries.filter(about).exclude(at__gte=since, at__lt=until)
    return _Sides(
        [_listed(entry) for entry in [*in_period, *others]],
        list(_own(attempts, accounts)),
        [_sold(name, move, accounts) for move in moves if move.kind in _KINDS],
    )


def _attempts(
    name: str,
    since: datetime,
    until: datetime,
    entries: Iterable[RegistryEntry],
    moves: Iterable[Move],
) -> list[Attempt]:
    ids = {entry.payment_id for entry in entries} | {move.reference for move in moves}
    transactions = {move.transaction for move in moves if move.transaction}
    wanted = (
        Q(payment_id__in=bulk.any_of(ids, "text"))
        | Q(transaction__in=bulk.any_of(transactions, "text"))
        | Q(created__gte=since, created__lt=until)
    )
    rows = Attempt.objects.filter(wanted, provider=name).exclude(payment_id="")
    return list(rows.order_by("pk").only(*_ATTEMPT))


def _once(moves: Iterable[Move]) -> list[Move]:
    return list(dict.fromkeys(moves))


def _listed(entry: RegistryEntry) -> Listed:
    return Listed(
        provider=entry.provider,
        kind=EntryKind(entry.kind),
        reference=entry.reference,
        amount=entry.amount,
        currency=entry.currency,
        at=entry.at,
        account=entry.account,
        payment_id=entry.payment_id,
        fee=entry.fee,
        converted=_conversion(entry),
        refusal=entry.refusal,
    )


def _conversion(entry: RegistryEntry) -> Conversion | None:
    if entry.converted is None:
        return None
    return Conversion(entry.converted, entry.converted_currency, entry.rate)


def _own(attempts: Collection[Attempt], accounts: dict[str, str]) -> Iterator[Own]:
    by_pk = {attempt.pk: attempt for attempt in attempts}
    for attempt in attempts:
        is_charged = attempt.status == Status.CHARGED
        yield Own(
            provider=attempt.provider,
            kind=EntryKind.PAYMENT,
            reference=attempt.payment_id,
            amount=attempt.charged if is_charged else attempt.amount,
            currency=attempt.currency,
            at=attempt.created,
            account=accounts.get(attempt.channel, ""),
            payment_id=attempt.payment_id,
            is_moved=is_charged,
            state=attempt.status or Status.PENDING,
        )
    operations = Operation.objects.filter(
        attempt__in=bulk.any_of(map(str, by_pk), "uuid"), kind__in=_GIVEN_BACK
    )
    for operation in operations.exclude(refund_id="").order_by("pk"):
        attempt = by_pk[operation.attempt_id]
        yield Own(
            provider=attempt.provider,
            kind=_GIVEN_BACK[Operation.Kind(operation.kind)],
            reference=operation.refund_id,
            amount=operation.amount,
            currency=attempt.currency,
            at=operation.created,
            account=accounts.get(attempt.channel, ""),
            payment_id=attempt.payment_id,
            is_moved=operation.state == Operation.State.DONE,
            state=operation.state,
        )


def _sold(name: str, move: Move, accounts: dict[str, str]) -> Sold:
    return Sold(
        provider=name,
        kind=_KINDS[move.kind],
        reference=move.reference,
        amount=move.amount,
        currency=move.currency,
        at=move.at,
        account=accounts.get(move.channel, ""),
        order_id=move.order_id,
        order_number=move.order_number,
    )
