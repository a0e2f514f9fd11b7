"""What buyers are told unless the merchant has written it otherwise. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..history.event import Event, Kind

#: Languages in which there are texts.
LANGUAGES = ("ru", "en")

_EVERYWHERE = ("shop", "name")
_ORDER = ("order", "total", "paid", "status")
_PAYMENT = ("order", "amount", "method")
_SHIPMENT = ("order", "tracking", "goods")
_RESERVATION = ("goods", "quantity", "price", "until")
#: Kind → names that a text of it may have in braces; see :mod:`.values` for what they mean.
_NAMES: Mapping[Kind, tuple[str, ...]] = {
    Kind.CUSTOMER_REGISTERED: (),
    Kind.CART_LEFT: ("goods", "total"),
    Kind.RESERVATION_MADE: _RESERVATION,
    Kind.RESERVATION_ENDING: _RESERVATION,
    Kind.RESERVATION_ENDED: _RESERVATION,
    Kind.ORDER_PLACED: (*_ORDER, "goods", "delivery"),
    Kind.ORDER_STATUS: _ORDER,
    Kind.ORDER_PAID: _ORDER,
    Kind.PAYMENT_PROMISED: _PAYMENT,
    Kind.PAYMENT_AUTHORISED: _PAYMENT,
    Kind.PAYMENT_CHARGED: _PAYMENT,
    Kind.PAYMENT_REFUNDED: _PAYMENT,
    Kind.SHIPMENT_SENT: _SHIPMENT,
    Kind.SHIPMENT_TRACKING: _SHIPMENT,
    Kind.SHIPMENT_CANCELLED: _SHIPMENT,
    Kind.SHIPMENT_RETURNED: _SHIPMENT,
    Kind.RECEIPT_REGISTERED: ("order", "total", "receipt"),
}


@dataclass(frozen=True, slots=True)
class Wording:
    subject: str
    body: str


#: Kind of event, for an order's status with it → language → text.
TEXTS: Mapping[str, Mapping[str, Wording]] = {
    "customer.registered": {
        "ru": Wording("Добро пожаловать!", "{name}, спасибо за регистрацию. {shop}"),
        "en": Wording("Welcome!", "{name}, thank you for signing up. {shop}"),
    },
    "cart.left": {
        "ru": Wording(
            "Вы что-то забыли", "В вашей корзине остались товары: {goods}\nСумма: {total}"
        ),
        "en": Wording("You have left something", "Your cart still has: {goods}\nTotal: {total}"),
    },
    "reservation.made": {
        "ru": Wording("Товар отложен", "Для вас отложено: {goods}, {quantity} шт., до {until}."),
        "en": Wording(
            "Reserved for you", "Reserved for you: {goods}, {quantity} pcs, till {until}."
        ),
    },
    "reservation.ending": {
        "ru": Wording(
            "Резерв скоро закончится", "Резерв закончится {until}: {goods}, {quantity} шт."
        ),
        "en": Wording(
            "Your reservation ends soon", "Your reservation ends {until}: {goods}, {quantity} pcs."
        ),
    },
    "reservation.ended": {
        "ru": Wording("Резерв закончился", "Резерв закончился: {goods}, {quantity} шт."),
        "en": Wording(
            "Your reservation is over", "Your reservation is over: {goods}, {quantity} pcs."
        ),
    },
    "order.placed": {
        "ru": Wording(
            "Заказ № {order} принят",
            "Заказ № {order} на сумму {total} принят.\n{goods}\nДоставка: {delivery}",
        ),
        "en": Wording(
            "Order {order} received", "Order {order} for {total} received.\n{goods}\nBy: {delivery}"
        ),
    },
    "order.status": {
        "ru": Wording("Заказ № {order}: {status}", "Заказ № {order}: {status}."),
        "en": Wording("Order {order}: {status}", "Order {order}: {status}."),
    },
    "order.status:open": {
        "ru": Wording("Заказ № {order} подтверждён", "Заказ № {order} подтверждён."),
        "en": Wording("Order {order} confirmed", "Order {order} is confirmed."),
    },
    "order.status:shipped": {
        "ru": Wording("Заказ № {order} отправлен", "Заказ № {order} отправлен целиком."),
        "en": Wording("Order {order} shipped", "All of order {order} is on its way."),
    },
    "order.status:cancelled": {
        "ru": Wording("Заказ № {order} отменён", "Заказ № {order} отменён."),
        "en": Wording("Order {order} cancelled", "Order {order} is cancelled."),
    },
    "order.paid": {
        "ru": Wording("Заказ № {order} оплачен", "Заказ № {order} оплачен: {paid}. Спасибо!"),
        "en": Wording("Order {order} paid", "Order {order} is paid: {paid}. Thank you!"),
    },
    "payment.promised": {
        "ru": Wording("Оплата заказа № {order}", "Заказ № {order}: {method}, {amount}."),
        "en": Wording("Payment of order {order}", "Order {order}: {method}, {amount}."),
    },
    "payment.authorised": {
        "ru": Wording(
            "Оплата заказа № {order}",
            "Заказ № {order}: {amount} зарезервировано на карте, спишем при отправке.",
        ),
        "en": Wording(
            "Payment of order {order}", "Order {order}: {amount} is held and charged on dispatch."
        ),
    },
    "payment.charged": {
        "ru": Wording("Оплата заказа № {order}", "Заказ № {order}: получено {amount}. Спасибо!"),
        "en": Wording("Payment of order {order}", "Order {order}: {amount} received. Thank you!"),
    },
    "payment.refunded": {
        "ru": Wording("Возврат по заказу № {order}", "По заказу № {order} возвращено {amount}."),
        "en": Wording("Refund for order {order}", "{amount} of order {order} was refunded."),
    },
    "shipment.sent": {
        "ru": Wording("Заказ № {order} в пути", "По заказу № {order} отправлено: {goods}"),
        "en": Wording("Order {order} on its way", "Sent for order {order}: {goods}"),
    },
    "shipment.tracking": {
        "ru": Wording(
            "Заказ № {order} в пути", "Заказ № {order} в пути.\nНомер для отслеживания: {tracking}"
        ),
        "en": Wording(
            "Order {order} on its way", "Order {order} is on its way.\nTracking number: {tracking}"
        ),
    },
    "shipment.cancelled": {
        "ru": Wording("Отправка отменена", "Отправка по заказу № {order} отменена: {goods}"),
        "en": Wording("Shipment cancelled", "A shipment of order {order} is cancelled: {goods}"),
    },
    "shipment.returned": {
        "ru": Wording("Возврат принят", "По заказу № {order} вернулось: {goods}"),
        "en": Wording("Return received", "Returned of order {order}: {goods}"),
    },
    "receipt.registered": {
        "ru": Wording("Чек по заказу № {order}", "Чек по заказу № {order} на {total}: {receipt}"),
        "en": Wording("Receipt for order {order}", "Receipt for order {order}, {total}: {receipt}"),
    },
}
#: Language → what comes before the way out: an answer's word, or the address of a page.
WAY_OUT: Mapping[str, tuple[str, str]] = {
    "ru": ("Не получать сообщения: ответьте {word}", "Не получать сообщения: {page}"),
    "en": ("No more messages: answer {word}", "No more messages: {page}"),
}


def about_of(event: Event) -> str:
    """What an event's text is kept under: its kind, for an order's status with it."""
    status = event.data.get("status") if event.kind is Kind.ORDER_STATUS else ""
    return f"{event.kind.value}:{status}" if status else event.kind.value


def names_for(about: str) -> tuple[str, ...]:
    """Names that texts about it may have in braces."""
    kind = Kind(about.partition(":")[0])
    return (*_NAMES[kind], *_EVERYWHERE)


def usual(about: str, language: str) -> Wording:
    """Our text; of an order's status that has none, the one of any status."""
    texts = TEXTS.get(about) or TEXTS[about.partition(":")[0]]
    return texts.get(language) or texts["en"]
