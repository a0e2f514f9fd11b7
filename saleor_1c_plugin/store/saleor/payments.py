"""Saleor's transactions behind the port of payments.

Money is reported as a payment app reports it, by ``transactionEventReport``, in the name of an app
of the gateway's own: Saleor knows a gateway only as an app, and lets nobody but the app report to
its transactions. The app has no token, so that nobody can sign in as it.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from saleor.account.models import Address
from saleor.app.models import App
from saleor.app.types import AppType
from saleor.checkout.lock_objects import checkout_qs_select_for_update
from saleor.checkout.models import Checkout
from saleor.core.db.connection import allow_writer
from saleor.core.utils import build_absolute_uri
from saleor.order.lock_objects import order_qs_select_for_update
from saleor.order.models import Order
from saleor.payment import TransactionEventType as Event
from saleor.payment.interface import TransactionActionData, TransactionSessionData
from saleor.payment.lock_objects import transaction_item_qs_select_for_update
from saleor.payment.models import TransactionEvent, TransactionItem
from saleor.payment.utils import (
    create_transaction_event_from_request_and_webhook_response,
    recalculate_refundable_for_checkout,
)
from saleor.permission.models import Permission

from .. import promises
from ..payments import Bill, Move, Report, ReportKind, Session
from ..ports import StoreError
from ..promises import Redeemed
from .cart_prices import recount
from .mutations import APP, Refused, app, mutate
from .order_money import GIFT_CARDS, quantize, read_gift_cards
from .uuids import one_of, text, uuids

_PERMISSION = "handle_payments"
_TYPES = {
    ReportKind.AUTHORISED: Event.AUTHORIZATION_SUCCESS,
    ReportKind.AUTHORISATION_FAILED: Event.AUTHORIZATION_FAILURE,
    ReportKind.CHARGED: Event.CHARGE_SUCCESS,
    ReportKind.CHARGE_FAILED: Event.CHARGE_FAILURE,
    ReportKind.CANCELLED: Event.CANCEL_SUCCESS,
    ReportKind.CANCEL_FAILED: Event.CANCEL_FAILURE,
    ReportKind.REFUNDED: Event.REFUND_SUCCESS,
    ReportKind.REFUND_FAILED: Event.REFUND_FAILURE,
    ReportKind.CHARGED_BACK: Event.CHARGE_BACK,
    ReportKind.REMARK: Event.INFO,
}
_MOVED = {
    _TYPES[kind]: kind
    for kind in (ReportKind.CHARGED, ReportKind.REFUNDED, ReportKind.CHARGED_BACK)
}
_REQUESTS = (Event.CHARGE_REQUEST, Event.REFUND_REQUEST, Event.CANCEL_REQUEST)
#: Characters of :attr:`TransactionItem.payment_method_name`.
_MOST_NAME = 256
#: What Saleor notes by itself where no app of another process takes an action.
_NO_WEBHOOK = "Cannot find a webhook that can process the action."


class SaleorPaymentStore:
    """Transactions of the Saleor that this process is; see the port for what is promised."""

    def ensure_gateway(self, gateway: str, name: str, *, switch_on: bool = False) -> None:
        with allow_writer():
            app = _gateway(gateway, name)
            if switch_on and not app.is_active:
                app.is_active = True
                app.save(update_fields=["is_active"])

    def page_address(self, gateway: str, path: str) -> str:
        address: str = build_absolute_uri(f"/plugins/{gateway}/{path}")
        return address

    def report(self, gateway: str, report: Report) -> bool:
        with allow_writer(), transaction.atomic():
            item = _locked(gateway, report.transaction)
            _answer_request(item, report)
            kind = _TYPES[report.kind]
            known = item.events.filter(type=kind, psp_reference=report.reference).first()
            amount = quantize(report.amount, item.currency)
            if known is not None and known.amount_value != amount:
                raise StoreError(
                    f"Магазин знает {kind} {report.reference} с другой суммой: "
                    f"{known.amount_value:f}"
                )
            if known is not None and report.kind is ReportKind.REMARK:
                # Saleor would write it down again.
                return False
            if report.method and report.method != item.payment_method_name:
                TransactionItem.objects.filter(pk=item.pk).update(
                    payment_method_name=report.method[:_MOST_NAME]
                )
            _report(gateway, item, report, kind, str(amount))
            return known is None

    def moves(
        self,
        gateway: str,
        since: datetime,
        until: datetime,
        transactions: Collection[str] = (),
    ) -> Sequence[Move]:
        rows = TransactionEvent.objects.filter(
            transaction__app_identifier=gateway,
            type__in=_MOVED,
            include_in_calculations=True,
            amount_value__gt=0,
        )
        tokens = one_of(map(str, uuids(transactions)))
        asked = (
            rows.filter(created_at__gte=since, created_at__lt=until),
            rows.filter(transaction__token__in=tokens),
        )
        return list({pk: move for found in asked for pk, move in _moves(found)}.values())

    def bill(self, gateway: str, transaction: str) -> Bill | None:
        rows = TransactionItem.objects.filter(
            token__in=uuids([transaction]), app_identifier=gateway
        ).select_related("checkout", "order")
        while (item := rows.first()) is not None and (item.order or item.checkout):
            found = _bill_of_order(item.order) if item.order else _bill_of_checkout(item.checkout)
            if transaction in found.taken:
                return found
            # The checkout has become an order meanwhile.
        return None


def _moves(rows: "QuerySet[TransactionEvent]") -> Iterator[tuple[int, Move]]:
    columns = rows.order_by("pk").values(
        *("pk", "type", "amount_value", "currency", "psp_reference", "created_at"),
        *("transaction__order__number", "transaction__order__channel__slug"),
        "transaction__checkout__channel__slug",
        token=text("transaction__token"),
        order=text("transaction__order_id"),
    )
    for row in columns:
        yield (
            row["pk"],
            Move(
                kind=_MOVED[row["type"]],
                amount=quantize(row["amount_value"], row["currency"]),
                currency=row["currency"],
                reference=row["psp_reference"] or "",
                at=row["created_at"],
                channel=row["transaction__order__channel__slug"]
                or row["transaction__checkout__channel__slug"]
                or "",
                transaction=row["token"],
                order_id=row["order"] or "",
                order_number=str(row["transaction__order__number"] or ""),
            ),
        )


def _bill_of_order(order: Order) -> Bill:
    granted = order.granted_refunds.aggregate(sum=Sum("amount_value"))["sum"] or 0
    return _bill(_total(order) - granted, order)


def _total(order: Order) -> Decimal:
    """What an order costs, less gift cards that were laid on its checkout.

    Saleor takes them off when the checkout becomes the order, and forgets them where an order that
    waits for staff is changed.
    """
    total: Decimal = order.total_gross_amount
    cards = read_gift_cards([str(order.pk)]).get(str(order.pk))
    if cards is None:
        return total
    laid = sum((amount for _, amount in cards.used), -cards.charged)
    whole: Decimal = order.subtotal_gross_amount + order.shipping_price_gross_amount
    return min(total, max(whole - laid, Decimal(0)))


def _bill_of_checkout(checkout: Checkout) -> Bill:
    # Saleor counts a cart when somebody looks at it, not when it is changed or paid for.
    recount(str(checkout.pk))
    checkout = Checkout.objects.filter(pk=checkout.pk).first() or checkout
    cards = checkout.get_total_gift_cards_balance().amount
    return _bill(max(checkout.total_gross_amount - cards, Decimal(0)), checkout)


def _bill(owed: Decimal, about: Order | Checkout) -> Bill:
    # Payments of the older kind are no transactions.
    legacy = about.payments.aggregate(sum=Sum("captured_amount"))["sum"] or 0
    taken = {}
    for row in about.payment_transactions.all():
        amount = row.charged_value
        if row.app_identifier == GIFT_CARDS:
            # Charged when the checkout becomes an order.
            amount += row.authorized_value
        taken[str(row.token)] = quantize(amount, row.currency)
    return Bill(quantize(owed - legacy, about.currency), taken)


def session(data: TransactionSessionData) -> Session:
    """What a storefront asks of a gateway."""
    source = data.source_object
    is_checkout = isinstance(source, Checkout)
    address = source.billing_address or source.shipping_address
    given = data.payment_gateway_data.data
    return Session(
        transaction=str(data.transaction.token),
        about="Оплата заказа" if is_checkout else f"Оплата заказа № {source.number}",
        about_id=str(source.pk),
        channel=source.channel.slug,
        amount=quantize(data.action.amount, data.action.currency),
        currency=data.action.currency,
        authorise=data.action.action_type == "authorization",
        email=(source.get_customer_email() if is_checkout else source.user_email) or "",
        phone=str(address.phone) if address and address.phone else "",
        payer=_payer(address) if address else "",
        address=data.customer_ip_address or "",
        given=given if isinstance(given, dict) else {},
    )


def promised(order_id: object) -> list[str]:
    """An order's transactions that no provider ends: ids as those of the port."""
    items = TransactionItem.objects.filter(
        order_id=order_id, app_identifier__in=promises.gateways()
    )
    return [str(token) for token in items.values_list("token", flat=True)]


def redeem(redeemed: Redeemed) -> None:
    """Write what 1C tells of a promise on the promise's own transaction.

    The transaction is its gateway's to report to, but it is 1C that says so: the event is marked
    as what 1C told of, so that it is no news to it.
    """
    report = redeemed.report
    SaleorPaymentStore().report(redeemed.gateway, report)
    TransactionEvent.objects.filter(
        transaction__token__in=uuids([report.transaction]),
        type=_TYPES[report.kind],
        psp_reference=report.reference,
    ).update(app=app(), app_identifier=APP)


def _payer(address: Address) -> str:
    return address.company_name or f"{address.first_name} {address.last_name}".strip()


def asked_amount(data: TransactionActionData) -> Decimal:
    """How much an action of staff's is about."""
    return quantize(data.action_value, data.transaction.currency)


def begin_action(data: TransactionActionData, reference: str) -> None:
    """Let staff see that an action has begun; its outcome is reported later.

    Parameters
    ----------
    reference
        Of the action, until the provider has given one.
    """
    with allow_writer(), transaction.atomic():
        _locked(data.transaction.app_identifier or "", str(data.transaction.token))
        _withdraw_refusal(data)
        event = TransactionEvent.objects.get(pk=data.event.pk)
        create_transaction_event_from_request_and_webhook_response(
            event, data.transaction_app_owner, {"pspReference": reference}
        )


def refuse_action(data: TransactionActionData, reason: str) -> None:
    """Let staff see that an action can't be begun."""
    with allow_writer(), transaction.atomic():
        _locked(data.transaction.app_identifier or "", str(data.transaction.token))
        _withdraw_refusal(data)
        event = TransactionEvent.objects.get(pk=data.event.pk)
        failure = {"result": _FAILURES[event.type], "message": reason}
        create_transaction_event_from_request_and_webhook_response(
            event, data.transaction_app_owner, failure
        )


_FAILURES = {
    Event.CHARGE_REQUEST: "CHARGE_FAILURE",
    Event.REFUND_REQUEST: "REFUND_FAILURE",
    Event.CANCEL_REQUEST: "CANCEL_FAILURE",
}


def _withdraw_refusal(data: TransactionActionData) -> None:
    """Take back what Saleor wrote a moment ago: that nobody can do what is about to be done."""
    TransactionEvent.objects.filter(
        transaction_id=data.transaction.pk,
        pk__gt=data.event.pk,
        message=_NO_WEBHOOK,
        include_in_calculations=False,
    ).delete()
    recalculate_refundable_for_checkout(data.transaction, data.event)


def _gateway(identifier: str, name: str) -> App:
    found = App.objects.filter(identifier=identifier, removed_at=None).order_by("pk").first()
    if found is None:
        found = App.objects.create(
            name=name, identifier=identifier, type=AppType.LOCAL, is_active=True
        )
    if not found.permissions.filter(codename=_PERMISSION).exists():
        found.permissions.add(Permission.objects.get(codename=_PERMISSION))
    return found


def _locked(gateway: str, token: str) -> TransactionItem:
    """The transaction, kept from everybody else until the commit.

    Its checkout or order is locked before it, as everywhere in Saleor.

    Raises
    ------
    StoreError
        The gateway has none with this token.
    """
    rows = TransactionItem.objects.filter(token__in=uuids([token]), app_identifier=gateway)
    while (found := rows.values("pk", "checkout_id", "order_id").first()) is not None:
        if found["checkout_id"]:
            checkout_qs_select_for_update().filter(pk=found["checkout_id"]).first()
        elif found["order_id"]:
            order_qs_select_for_update().filter(pk=found["order_id"]).first()
        item = transaction_item_qs_select_for_update().filter(pk=found["pk"]).first()
        # The checkout may have become an order meanwhile.
        if item and item.checkout_id == found["checkout_id"]:
            return item
    raise StoreError(f"В магазине нет транзакции {token}")


def _answer_request(item: TransactionItem, report: Report) -> None:
    """Give the staff's request the reference of its outcome: by it Saleor knows that it is over."""
    if report.asked.isdecimal():
        TransactionEvent.objects.filter(
            pk=int(report.asked), transaction=item, type__in=_REQUESTS
        ).update(psp_reference=report.reference)


def _report(gateway: str, item: TransactionItem, report: Report, kind: str, amount: str) -> None:
    at = report.at or timezone.now()
    try:
        mutate(
            "transactionEventReport",
            "token: UUID!, type: TransactionEventTypeEnum!, amount: PositiveDecimal!, "
            "pspReference: String!, message: String, time: DateTime, "
            "availableActions: [TransactionActionEnum!]",
            caller=_gateway(gateway, gateway),
            token=str(item.token),
            type=kind.upper(),
            amount=amount,
            pspReference=report.reference,
            message=report.message,
            time=at.isoformat(),
            availableActions=[action.value.upper() for action in report.actions],
        )
    except Refused as error:
        raise StoreError(str(error)) from error
