"""Which of the shop's orders a document of 1C's is about."""

from ...commerceml.documents import Document, Operation
from ...store.orders import Order, OrderStore
from .. import customers
from . import register
from .errors import Refused


def find(document: Document, store: OrderStore) -> Order | None:
    """The document's order, locked until the commit; ``None`` where the shop has none.

    By the shop's own id, which 1C keeps; else by what was applied before; else by its number,
    and then only if it is the same buyer's: numbers are not unique among shops.

    Raises
    ------
    Refused
        The order is another customer's, or the document does not say whose payment or shipment
        it is.
    """
    is_order = document.operation is Operation.ORDER
    own_id = document.id if is_order else document.basis
    if not own_id:
        raise Refused(
            "Не указан идентификатор (Ид)" if is_order else "Не указан заказ-основание документа"
        )
    order = _locked(own_id, store)
    if order is not None:
        _require_no_other(order, document, store)
        return order
    if (known := register.order_of(own_id)) and (order := _locked(known, store)) is not None:
        return order
    return _by_number(document, store) if is_order else None


def _locked(order_id: str, store: OrderStore) -> Order | None:
    if not store.lock(order_id):
        return None
    return next(iter(store.read_orders([order_id])), None)


def _require_no_other(order: Order, document: Document, store: OrderStore) -> None:
    party = customers.buyer_of(document)
    if party is not None and customers.is_another(order, party, store):
        raise _another(order, document)


def _by_number(document: Document, store: OrderStore) -> Order | None:
    found = store.find_orders([document.number]) if document.number else {}
    order = _locked(found[document.number], store) if document.number in found else None
    if order is None:
        return None
    party = customers.buyer_of(document)
    if party is None or not customers.is_buyer(order, party):
        raise _another(order, document)
    return order


def _another(order: Order, document: Document) -> Refused:
    party = customers.buyer_of(document)
    whose = f"«{party.name}» ({party.id})" if party else "не указан"
    return Refused(
        f"Заказ {order.number} магазина принадлежит другому покупателю, "
        f"чем документ 1С: покупатель в документе {whose}"
    )
