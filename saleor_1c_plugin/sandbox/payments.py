"""The mini-shop's payments by providers: the port of payments, and a buyer's way through them.

An order's transactions are named after it: its id and their number, ``<uuid>.1``.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..payments import accounts, sessions
from ..payments.models import Attempt
from ..payments.offline import Offline
from ..payments.provider import Provider, Status, gateway_id, providers
from ..payments.sessions import Answer
from ..store import promises
from ..store.orders import PaymentKind
from ..store.payments import Bill, Move, Report, ReportKind, Session
from ..store.ports import StoreError
from . import checkout, order_promises
from .models import Order, Payment, Remark
from .order_reading import counted, order_data

_MOVES = {
    ReportKind.AUTHORISED: PaymentKind.AUTHORISED,
    ReportKind.CHARGED: PaymentKind.CHARGE,
    ReportKind.REFUNDED: PaymentKind.REFUND,
    ReportKind.CHARGED_BACK: PaymentKind.CHARGEBACK,
}
_REPORTS = {
    kind.value: report for report, kind in _MOVES.items() if kind is not PaymentKind.AUTHORISED
}
#: Of payment on delivery.
_METHODS = {"cash": _("in cash"), "card": _("by card")}


class SandboxPaymentStore:
    """See :class:`~saleor_1c_plugin.store.payments.PaymentStore`."""

    def ensure_gateway(self, gateway: str, name: str, *, switch_on: bool = False) -> None:
        """Every gateway may be chosen."""

    def page_address(self, gateway: str, path: str) -> str:
        # The pages of the shop's own site name it.
        name = gateway.partition(".")[2]
        if name not in providers():
            # Of a room that takes no payments.
            return f"/{name}/{path}"
        return reverse("payment-page", args=[name, path])

    @transaction.atomic
    def report(self, gateway: str, report: Report) -> bool:
        order = _locked(report.transaction)
        rows = order.payments.filter(reference=report.reference, from_onec=False)
        is_promise = gateway in promises.gateways()
        if report.kind is ReportKind.CANCELLED:
            # What was held; of what was taken in part nothing is held any more.
            if is_promise:
                return order_promises.lessen(order, gateway)
            return bool(rows.filter(kind=PaymentKind.AUTHORISED).delete()[0])
        kind = _MOVES.get(report.kind)
        if is_promise and kind is PaymentKind.AUTHORISED:
            kind = PaymentKind.PROMISED
        if kind is None:
            text = f"{report.kind.value}: {report.message}"
            _, is_new = Remark.objects.get_or_create(order=order, text=text)
            return is_new
        known = rows.first()
        if known is not None and kind in (PaymentKind.AUTHORISED, PaymentKind.PROMISED):
            return False
        if known is not None and known.kind != PaymentKind.AUTHORISED:
            if known.amount != report.amount:
                raise StoreError(f"Платёж {report.reference} известен с другой суммой")
            return False
        if is_promise and kind is PaymentKind.CHARGE:
            order_promises.lessen(order, gateway, report.amount)
        row = known or Payment(order=order, reference=report.reference)
        row.kind, row.amount, row.at = kind, report.amount, report.at or timezone.now()
        row.method, row.gateway = report.method[:250], gateway
        row.save()
        return True

    def moves(
        self,
        gateway: str,
        since: datetime,
        until: datetime,
        transactions: Collection[str] = (),
    ) -> Sequence[Move]:
        keys = [key for name in transactions if (key := _key(name)) is not None]
        rows = Payment.objects.filter(
            Q(at__gte=since, at__lt=until) | Q(order__key__in=keys),
            gateway=gateway,
            from_onec=False,
            kind__in=_REPORTS,
        )
        return [
            Move(
                _REPORTS[row.kind],
                row.amount,
                row.order.currency,
                row.reference,
                row.at,
                row.order.channel,
                order_id=str(row.order.key),
                order_number=str(row.order.pk),
            )
            for row in rows.select_related("order").order_by("pk")
        ]

    def bill(self, gateway: str, transaction: str) -> Bill | None:
        key = _key(transaction)
        order = Order.objects.filter(key=key).first() if key else None
        if order is None:
            return None
        attempts = Attempt.objects.filter(about_id=str(order.key))
        names = attempts.values_list("transaction", flat=True)
        data = order_data(order)
        ours = {gateway_id(name) for name in providers()}
        # What 1C has recorded is no transaction here.
        elsewhere = [row for row in data.payments if row.from_onec or row.gateway not in ours]
        paid = sum((counted(row) for row in elsewhere), Decimal(0))
        owed = data.total_gross - order.gift_card_amount - paid
        return Bill(owed, dict.fromkeys(names, Decimal(0)))


def _key(name: str) -> UUID | None:
    """Of the order that a transaction is named after."""
    try:
        return UUID(name.partition(".")[0])
    except ValueError:
        return None


def _locked(name: str) -> Order:
    key = _key(name)
    order = Order.objects.select_for_update().filter(key=key).first() if key else None
    if order is None:
        raise StoreError(f"В магазине нет транзакции {name}")
    return order


@dataclass(frozen=True, slots=True)
class Way:
    """A way to pay that a buyer is offered; `method` is empty where there is nothing to choose."""

    provider: Provider
    method: str
    title: str


def ways(order: Order) -> list[Way]:
    """Those of an order, where a provider is set up for any."""
    found = []
    for provider in providers().values():
        account = accounts.of_channel(provider, order.channel)
        if account is None:
            continue
        # At a provider's the buyer chooses there.
        methods = account.methods if isinstance(provider, Offline) else ()
        found += [
            Way(provider, method, f"{provider.title}: {_METHODS[method]}") for method in methods
        ] or [Way(provider, "", provider.title)]
    return found


def pay(way: Way, order: Order, return_url: str) -> Answer | None:
    """Begin to pay what is owed for an order, or go on; ``None``: nothing is to be done.

    Raises
    ------
    ~saleor_1c_plugin.payments.sessions.Unusable
        The provider is not set up for it.
    """
    provider = way.provider
    attempts = Attempt.objects.filter(provider=provider.name, about_id=str(order.key))
    last = attempts.order_by("-created").first()
    amount = checkout.to_pay(order)
    if last is not None and last.status == Status.AUTHORISED:
        return None
    if last is not None and last.status in ("", Status.PENDING) and not last.problem:
        name, amount = last.transaction, last.amount
    elif amount <= 0:
        return None
    else:
        name = f"{order.key}.{attempts.count() + 1}"
    billing = order.billing or {}
    session = Session(
        transaction=name,
        about=f"Оплата заказа № {order.pk}",
        about_id=str(order.key),
        channel=order.channel,
        amount=amount,
        currency=order.currency,
        email=order.email,
        payer=billing.get("company") or f"{order.first_name} {order.last_name}".strip(),
        given={"returnUrl": return_url, "method": way.method},
    )
    return sessions.pay(provider, session)


def catch_up(order: Order, return_url: str) -> None:
    """See what has become of payments that a provider has not told of yet."""
    begun = Attempt.objects.filter(
        about_id=str(order.key), status__in=("", Status.PENDING), problem=""
    )
    under_way = set(begun.values_list("provider", flat=True))
    for way in ways(order):
        if way.provider.name in under_way and not isinstance(way.provider, Offline):
            pay(way, order, return_url)


def promise(order: Order) -> Attempt | None:
    """How the buyer has promised to pay, past all providers."""
    names = [name for name, one in providers().items() if isinstance(one, Offline)]
    begun = Attempt.objects.filter(
        about_id=str(order.key),
        provider__in=names,
        status__in=(Status.PENDING, Status.AUTHORISED),
    )
    return begun.order_by("created").last()
