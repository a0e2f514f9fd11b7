"""Orders of the shop → documents for 1C, with all that neither of them says by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from ...commerceml.documents import Container, DocumentWarehouse
from ...store import bulk, current_orders, current_store
from ...store.orders import Order, OrderStatus
from .. import customers, sources
from ..models import OrderRecord, Watermark
from ..sources import SourcedDocument, SourcedOrder
from . import additions
from .additions import Requisites
from .compose import Terms, compose, digest
from .settings import OutgoingSettings

_DEAD = (OrderStatus.CANCELLED, OrderStatus.EXPIRED)


@dataclass(frozen=True, slots=True)
class Documents:
    """An order's documents as they are now; none where it is gone, or none of 1C's."""

    record: OrderRecord
    container: Container | None = None
    digest: str = ""
    #: The merchant does not want it in 1C, as the order and the settings are.
    unwanted: bool = False

    @property
    def are_news(self) -> bool:
        """Whether 1C knows otherwise, or nothing."""
        return self.container is not None and self.digest != self.record.digest


class Composer:
    """Makes documents of orders; one for all the orders of a query or of a file of 1C's."""

    def __init__(self, settings: OutgoingSettings) -> None:
        self._settings = settings
        self._since = _since(settings)
        self._warehouses = _warehouses(settings)

    def documents(self, records: Sequence[OrderRecord]) -> list[Documents]:
        """Those of these orders; the number of database queries does not depend on how many."""
        ids = [record.order_id for record in records]
        own_ids = sources.orders_among(ids)
        orders = {order.id: order for order in current_orders().read_orders(own_ids)}
        more = dict(additions.read(own_ids, self._settings.zone))
        others: dict[str, SourcedDocument] = {}
        sourced: dict[str, SourcedOrder] = {}
        for document_id, item in sources.read(ids, self._settings.zone).items():
            if isinstance(item, SourcedDocument):
                others[document_id] = item
            else:
                sourced[document_id] = item
                orders[document_id] = item.order
                more[document_id] = item.requisites
        known = _known(records)
        buyers = customers.counterparty_ids(list(orders.values()))
        found = []
        for record in records:
            order = orders.get(record.order_id)
            if other := others.get(record.order_id):
                container = self._other(other)
                found.append(Documents(record, container, digest(container)))
            elif order is None:
                found.append(Documents(record))
            elif record.pk in known or self._concerns_onec(order, is_sourced=order.id in sourced):
                requisites = more.get(order.id, ())
                terms = self._terms(
                    record, order, buyers[order.id], sourced.get(order.id), requisites
                )
                container = compose(order, terms)
                found.append(Documents(record, container, digest(container)))
            else:
                found.append(Documents(record, unwanted=True))
        return found

    def _other(self, item: SourcedDocument) -> Container:
        rate = self._settings.rates.get(item.document.currency, Decimal(1))
        return Container(replace(item.document, rate=rate))

    def _concerns_onec(self, order: Order, *, is_sourced: bool) -> bool:
        wanted = self._settings
        return (
            order.status not in _DEAD
            and (not wanted.channels or order.channel in wanted.channels)
            # What comes from a source is never paid, and its room decides since when it comes.
            and (is_sourced or not wanted.only_paid or order.paid > 0)
            and (is_sourced or self._since is None or order.created >= self._since)
        )

    def _terms(
        self,
        record: OrderRecord,
        order: Order,
        buyer: str,
        sourced: SourcedOrder | None,
        requisites: Requisites,
    ) -> Terms:
        return Terms(
            counterparty_id=buyer,
            zone=self._settings.zone,
            warehouses=self._warehouses,
            onec_number=record.onec_number,
            onec_issued=record.onec_issued,
            rate=self._settings.rates.get(order.currency, Decimal(1)),
            status=sourced.status if sourced else None,
            requisites=requisites,
        )


def _known(records: Sequence[OrderRecord]) -> set[int]:
    """Orders that 1C has, or may have: whatever becomes of these, it is told."""
    theirs = Q(handed_out__isnull=False) | Q(documents__isnull=False) | ~Q(digest="")
    found = OrderRecord.objects.filter(
        theirs, pk__in=bulk.any_of([record.pk for record in records], "bigint")
    )
    return set(found.values_list("pk", flat=True))


def _since(settings: OutgoingSettings) -> datetime | None:
    if settings.since_moment is not None:
        return settings.since_moment
    return Watermark.objects.filter(pk=1).values_list("began", flat=True).first()


def _warehouses(settings: OutgoingSettings) -> Mapping[str, DocumentWarehouse]:
    """1C's warehouses by the shop's ids."""
    return {
        item.id: settings.warehouses[item.slug]
        for item in current_store().warehouses()
        if item.slug in settings.warehouses
    }
