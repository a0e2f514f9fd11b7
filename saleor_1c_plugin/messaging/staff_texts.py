"""What the store's own people are told unless the merchant has written it otherwise. Pure."""

from collections.abc import Mapping

from .texts import Wording

#: What a text to staff may have in braces beside what one to buyers may.
NAMES = ("buyer",)

#: Kind of event → language → text; a line of who buys comes after each.
_TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "customer.registered": {
        "ru": ("Новый покупатель", "Зарегистрировался покупатель: {name}"),
        "en": ("New customer", "A customer has registered: {name}"),
    },
    "cart.left": {
        "ru": ("Брошена корзина", "Брошена корзина на {total}: {goods}"),
        "en": ("A cart was left", "A cart for {total} was left: {goods}"),
    },
    "reservation.made": {
        "ru": ("Товар отложен", "Отложено до {until}: {goods}, {quantity} шт. по {price}"),
        "en": ("Reserved", "Reserved till {until}: {goods}, {quantity} pcs at {price}"),
    },
    "reservation.ending": {
        "ru": ("Резерв скоро закончится", "Резерв закончится {until}: {goods}, {quantity} шт."),
        "en": ("A reservation ends soon", "A reservation ends {until}: {goods}, {quantity} pcs"),
    },
    "reservation.ended": {
        "ru": ("Резерв закончился", "Резерв закончился: {goods}, {quantity} шт."),
        "en": ("A reservation is over", "A reservation is over: {goods}, {quantity} pcs"),
    },
    "order.placed": {
        "ru": (
            "Новый заказ № {order}",
            "Новый заказ № {order} на {total}\n{goods}\nДоставка: {delivery}",
        ),
        "en": ("New order {order}", "New order {order} for {total}\n{goods}\nBy: {delivery}"),
    },
    "order.status": {
        "ru": ("Заказ № {order}: {status}", "Заказ № {order} на {total}: {status}"),
        "en": ("Order {order}: {status}", "Order {order} for {total}: {status}"),
    },
    "order.paid": {
        "ru": ("Заказ № {order} оплачен", "Заказ № {order} оплачен: {paid}"),
        "en": ("Order {order} is paid", "Order {order} is paid: {paid}"),
    },
    "payment.promised": {
        "ru": ("Заказ № {order}: ждём оплату", "Заказ № {order}: ждём {amount}\n{method}"),
        "en": ("Order {order}: to be paid", "Order {order}: {amount} is expected\n{method}"),
    },
    "payment.authorised": {
        "ru": (
            "Заказ № {order}: деньги удержаны",
            "Заказ № {order}: на карте удержано {amount}\n{method}",
        ),
        "en": ("Order {order}: money is held", "Order {order}: {amount} is held\n{method}"),
    },
    "payment.charged": {
        "ru": ("Заказ № {order}: оплата", "Заказ № {order}: получено {amount}\n{method}"),
        "en": ("Order {order}: payment", "Order {order}: {amount} received\n{method}"),
    },
    "payment.refunded": {
        "ru": ("Заказ № {order}: возврат денег", "Заказ № {order}: возвращено {amount}\n{method}"),
        "en": ("Order {order}: refund", "Order {order}: {amount} refunded\n{method}"),
    },
    "shipment.sent": {
        "ru": ("Заказ № {order}: отправка", "По заказу № {order} отправлено: {goods}"),
        "en": ("Order {order}: dispatch", "Sent for order {order}: {goods}"),
    },
    "shipment.tracking": {
        "ru": ("Заказ № {order} в пути", "Заказ № {order} в пути, номер: {tracking}"),
        "en": ("Order {order} on its way", "Order {order} is on its way, number: {tracking}"),
    },
    "shipment.cancelled": {
        "ru": ("Заказ № {order}: отправка отменена", "По заказу № {order} не отправлено: {goods}"),
        "en": ("Order {order}: dispatch cancelled", "Not sent for order {order}: {goods}"),
    },
    "shipment.returned": {
        "ru": ("Заказ № {order}: возврат товара", "По заказу № {order} вернулось: {goods}"),
        "en": ("Order {order}: goods came back", "Returned of order {order}: {goods}"),
    },
    "receipt.registered": {
        "ru": ("Заказ № {order}: чек", "Чек по заказу № {order} на {total}: {receipt}"),
        "en": ("Order {order}: receipt", "Receipt for order {order}, {total}: {receipt}"),
    },
}
_BUYER = {"ru": "Покупатель: {buyer}", "en": "Buyer: {buyer}"}
#: What needs a person: subject and text.
UNKNOWN = {
    "ru": ("{where}: вопрос покупателя", "{where}, {address}:\n{text}"),
    "en": ("{where}: a buyer's question", "{where}, {address}:\n{text}"),
}
DOUBTFUL = {
    "ru": (
        "{system}: кто это?",
        "{system}: не ясно, кто есть кто среди покупателей. Решите это на странице «1С: CRM».",
    ),
    "en": (
        "{system}: who is it?",
        "{system}: it is not clear who is who among the customers. Decide it on the page of "
        "“1C: CRM”.",
    ),
}
#: Of buttons: to an order's deal, to a customer, to the page of what is in doubt.
DEAL = {"ru": "Открыть сделку", "en": "Open the deal"}
CONTACT = {"ru": "Открыть покупателя", "en": "Open the customer"}
DECIDE = {"ru": "Решить", "en": "Decide"}


def usual(about: str, language: str) -> Wording:
    """Our text; of an order's status that of any status."""
    texts = _TEXTS[about.partition(":")[0]]
    spoken = language if language in texts else "en"
    subject, body = texts[spoken]
    return Wording(subject, f"{body}\n{_BUYER[spoken]}")
