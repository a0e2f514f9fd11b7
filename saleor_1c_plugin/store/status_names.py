"""What the statuses of orders are called, in documents and in the lists that 1C maps to its own."""

from collections.abc import Mapping

from .orders import OrderStatus

STATUS_NAMES: Mapping[OrderStatus, str] = {
    OrderStatus.UNCONFIRMED: "Ожидает подтверждения",
    OrderStatus.OPEN: "Подтверждён",
    OrderStatus.PARTLY_SHIPPED: "Частично отгружен",
    OrderStatus.SHIPPED: "Отгружен",
    OrderStatus.PARTLY_RETURNED: "Частично возвращён",
    OrderStatus.RETURNED: "Возвращён",
    OrderStatus.CANCELLED: "Отменён",
    OrderStatus.EXPIRED: "Истёк срок оплаты",
}
