"""Money that 1C tells of.

What the buyer has promised to pay by invoice or on delivery is written on the transaction that
the promise began. All other money gets transactions of the app "1C", reported as a provider's app
would.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from saleor.order.models import Order
from saleor.payment import TransactionEventType
from saleor.payment.models import TransactionEvent, TransactionItem

from .. import promises
from ..orders import Forbidden, NewPayment
from .mutations import APP, global_id, mutate
from .order_actions import locked
from .order_money import quantize
from .payments import promised, redeem


def record_payment(order_id: str, payment: NewPayment) -> bool:
    order = locked(order_id)
    amount = quantize(payment.amount, order.currency)
    if amount <= 0:
        raise Forbidden("Сумма оплаты должна быть больше нуля")
    kind = (
        TransactionEventType.REFUND_SUCCESS
        if payment.refund
        else TransactionEventType.CHARGE_SUCCESS
    )
    known = TransactionEvent.objects.filter(
        transaction__order=order,
        app_identifier=APP,
        psp_reference=payment.reference,
        type=kind,
    )
    if known.exists():
        return False
    if payment.refund and amount > order.total_charged_amount:
        raise Forbidden("Возвращается больше, чем оплачено по заказу")
    exact = replace(payment, amount=amount)
    if redeemed := promises.redeem(promised(order.pk), exact):
        redeem(redeemed)
    else:
        _report(_transaction(order, payment, amount), kind, payment, amount)
    return True


def _transaction(order: Order, payment: NewPayment, amount: Decimal) -> str:
    """Id of the transaction to report to: for a refund, one of 1C's own that was charged so much.

    Money that came by a provider is given back on a transaction of 1C's own too, whose charged
    amount is then negative: the provider's is its app's to report to. The order's sums are right
    either way.
    """
    if payment.refund:
        charged = TransactionItem.objects.filter(
            order=order, app_identifier=APP, charged_value__gte=amount
        )
        if item := charged.order_by("-pk").first():
            return global_id("TransactionItem", item.token)
    answer = mutate(
        "transactionCreate",
        "id: ID!, transaction: TransactionCreateInput!",
        "transaction { id }",
        id=global_id("Order", order.pk),
        transaction={"name": payment.name, "pspReference": payment.reference},
    )
    return str(answer["transaction"]["id"])


def _report(transaction_id: str, kind: str, payment: NewPayment, amount: Decimal) -> None:
    at: datetime | None = payment.at
    mutate(
        "transactionEventReport",
        "id: ID!, type: TransactionEventTypeEnum!, amount: PositiveDecimal!, "
        "pspReference: String!, message: String, time: DateTime, "
        "availableActions: [TransactionActionEnum!]",
        id=transaction_id,
        type=kind.upper(),
        amount=str(amount),
        pspReference=payment.reference,
        message=payment.name,
        time=at.isoformat() if at else None,
        availableActions=[],
    )
