"""The mini-shop's payments by providers: the port of payments, and a buyer's way through them.

An order's transactions are named after it: its id and their number, ``<uuid>.1``.
"""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from ..payments import accounts, sessions
from ..payments.models import Attempt
from ..payments.provider import Provider, Status, providers
from ..payments.sessions import Answer
from ..store.orders import PaymentKind
from ..store.payments import Report, ReportKind, Session
from ..store.ports import StoreError
from . import checkout
from .models import Order, Payment, Remark

_MOVES = {
    ReportKind.AUTHORISED: PaymentKind.AUTHORISED,
    ReportKind.CHARGED: PaymentKind.CHARGE,
    ReportKind.REFUNDED: PaymentKind.REFUND,
    ReportKind.CHARGED_BACK: PaymentKind.CHARGEBACK,
}


class SandboxPaymentStore:
    """See :class:`~saleor_1c_plugin.store.payments.PaymentStore`."""

    def ensure_gateway(self, gateway: str, name: str) -> None:
        """Every gateway may be chosen."""

    @transaction.atomic
    def report(self, gateway: str, report: Report) -> bool:
        order = _locked(report.transaction)
        rows = order.payments.filter(reference=report.reference, from_onec=False)
        if report.kind is ReportKind.CANCELLED:
            # What was held; of what was taken in part nothing is held any more.
            return bool(rows.filter(kind=PaymentKind.AUTHORISED).delete()[0])
        kind = _MOVES.get(report.kind)
        if kind is None:
            text = f"{report.kind.value}: {report.message}"
            _, is_new = Remark.objects.get_or_create(order=order, text=text)
            return is_new
        known = rows.first()
        if known is not None and known.kind != PaymentKind.AUTHORISED:
            if kind is not PaymentKind.AUTHORISED and known.amount != report.amount:
                raise StoreError(f"Платёж {report.reference} известен с другой суммой")
            return False
        if known is not None and kind is PaymentKind.AUTHORISED:
            return False
        row = known or Payment(order=order, reference=report.reference)
        row.kind, row.amount, row.at = kind, report.amount, report.at or timezone.now()
        row.method, row.gateway = report.method[:250], gateway
        row.save()
        return True


def _locked(name: str) -> Order:
    try:
        key = UUID(name.partition(".")[0])
    except ValueError:
        raise StoreError(f"В магазине нет транзакции {name}") from None
    order = Order.objects.select_for_update().filter(key=key).first()
    if order is None:
        raise StoreError(f"В магазине нет транзакции {name}")
    return order


def provider_for(order: Order) -> Provider | None:
    """Who takes the money for an order, where a provider is set up."""
    return next(
        (one for one in providers().values() if accounts.of_channel(one, order.channel)), None
    )


def pay(provider: Provider, order: Order, return_url: str) -> Answer | None:
    """Begin to pay what is owed for an order, or go on; ``None``: nothing is to be done.

    Raises
    ------
    ~saleor_1c_plugin.payments.sessions.Unusable
        The provider is not set up for it.
    """
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
    session = Session(
        transaction=name,
        about=f"Оплата заказа № {order.pk}",
        about_id=str(order.key),
        channel=order.channel,
        amount=amount,
        currency=order.currency,
        email=order.email,
        given={"returnUrl": return_url},
    )
    return sessions.pay(provider, session)


def is_under_way(order: Order) -> bool:
    """Whether a payment was begun that may have ended meanwhile."""
    return Attempt.objects.filter(
        about_id=str(order.key), status__in=("", Status.PENDING), problem=""
    ).exists()
