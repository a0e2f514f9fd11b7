"""Reservations as documents in 1C: shop assistants see what is set aside, and for whom.

One document a cart, among the orders: its lines are what is held now, at the prices that are
frozen. When nothing is held any more it is withdrawn as a cancelled order is, and names the order
that came of it. All of it is read from the holds and the clock when 1C asks, so that a hold that
is over is told so whether or not anybody has tidied up.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef, Value
from django.db.models.functions import Concat
from django.utils import timezone

from ..money import quantize
from ..orders import news
from ..orders.models import OrderRecord
from ..orders.outgoing.lines import line_name
from ..orders.outgoing.requisites import RESERVATION
from ..orders.sources import SourcedOrder
from ..store import bulk, current_carts, current_orders
from ..store.carts import Goods, Party
from ..store.orders import Named, Order, OrderLine, OrderStatus
from .errors import ReservationError
from .models import End, Hold
from .settings import of_channels

#: With a cart's UUID it makes the 40 signs that 1C's schema has for an id.
PREFIX = "res-"
#: What 1C's operator knows it by.
STATUS = Named("reservation", "Бронь")

_REASONS: Mapping[str, str] = {
    "": "истёк срок",
    End.EXPIRED: "истёк срок",
    End.CANCELLED: "отменена",
    End.REMOVED: "товар убран из корзины",
    End.STOCK_FELL: "товара не хватило",
    End.UNAVAILABLE: "товар снят с продажи",
    End.CHANGED: "изменилась корзина",
}
#: Holds that end by one act of somebody's end so near to each other.
_AT_ONCE = timedelta(seconds=1)
_SWITCHED_OFF = "брони больше не передаются в 1С"


def changed(cart_ids: Collection[str], *, wanted: bool = False) -> None:
    """Have 1C told that the holds of these carts have changed; in the transaction that does it.

    Parameters
    ----------
    wanted
        The merchant wants what they hold now in 1C. Otherwise it only concerns those that 1C was
        to know of before.
    """
    news.changed([f"{PREFIX}{cart_id}" for cart_id in cart_ids], only_known=not wanted)


class Reservations:
    """The documents as a :class:`~saleor_1c_plugin.orders.sources.Source`.

    Parameters
    ----------
    cancel
        Ends the holds of a cart, and returns those that it has ended.
    """

    name = "бронь"
    prefix = PREFIX
    is_withdrawn_by_deletion = True

    def __init__(self, cancel: Callable[[str], Collection[Hold]]) -> None:
        self._cancel = cancel

    def read(self, document_ids: Sequence[str], zone: ZoneInfo) -> Mapping[str, SourcedOrder]:
        documents = [
            _Document(cart_id, holds, zone)
            for cart_id, holds in _holds([_cart_id(one) for one in document_ids]).items()
        ]
        wanted = _wanted_channels()
        for item in documents:
            item.settle(wanted)
        sold = [item.order_id for item in documents if item.order_id]
        orders = {order.id: order for order in current_orders().read_orders(sold)} if sold else {}
        parties = current_carts().parties([item.cart_id for item in documents])
        goods = _goods(documents)
        return {
            item.id: item.read(
                goods[item.channel], parties.get(item.cart_id, Party()), orders.get(item.order_id)
            )
            for item in documents
        }

    def changed_by_time(self) -> Collection[str]:
        told_before_the_end = OrderRecord.objects.filter(
            order_id=Concat(Value(PREFIX), OuterRef("cart_id")), changed__lt=OuterRef("ends")
        )
        over = Hold.objects.over().filter(Exists(told_before_the_end)).order_by()
        return {f"{PREFIX}{pk}" for pk in over.values_list("cart_id", flat=True).distinct()}

    def statuses(self) -> Sequence[Named]:
        return [STATUS] if _wanted_channels() else []

    def delete(self, document_id: str) -> bool:
        try:
            return bool(self._cancel(_cart_id(document_id)))
        except ReservationError:
            # There is no such cart any more.
            return False


class _Document:
    """A cart's reservation while it is made an order of."""

    def __init__(self, cart_id: str, holds: Sequence[Hold], zone: ZoneInfo) -> None:
        self.cart_id = cart_id
        self.id = f"{PREFIX}{cart_id}"
        self._zone = zone
        now = timezone.now()
        self._live = [hold for hold in holds if not hold.end and hold.ends > now]
        #: What was held last, where nothing is.
        self.holds = self._live or _last(holds)
        self.channel = self.holds[0].channel
        self.order_id = ""
        self._is_withdrawn = not self._live
        self._is_wanted = True

    def settle(self, wanted: Collection[str]) -> None:
        """Withdraw it where the merchant does not want it in 1C."""
        self._is_wanted = self.channel in wanted
        if not self._is_wanted:
            self._is_withdrawn = True
        if not self._live:
            self.order_id = next((hold.order_id for hold in self.holds if hold.order_id), "")

    def read(self, goods: Mapping[str, Goods], party: Party, order: Order | None) -> SourcedOrder:
        if order is not None:
            # Its cart is gone.
            party = Party(order.buyer, order.billing, order.shipping)
        first = self.holds[0]
        with_tax = _with_tax(goods)
        unknown = Goods("", price_with_tax=with_tax)
        lines = [_line(hold, goods.get(hold.variant_id, unknown)) for hold in self.holds]
        began = min(hold.began for hold in self.holds)
        requisites = {"Вид документа": STATUS.name, "Бронь": "true", "Заказ оплачен": "false"}
        if self._is_withdrawn:
            reason = self._reason(order)
            requisites["Причина снятия брони"] = reason
            requisites["Заказ по брони"] = order.number if order else ""
            note = f"Бронь снята: {reason}"
        else:
            until = min(hold.ends for hold in self.holds)
            requisites["Действует до"] = self._local(until).isoformat(" ")
            note = self._terms(lines)
        return SourcedOrder(
            Order(
                id=self.id,
                number=f"БР-{self.cart_id[:8].upper()}",
                status=OrderStatus.CANCELLED if self._is_withdrawn else OrderStatus.UNCONFIRMED,
                channel=self.channel,
                currency=first.currency,
                created=began,
                updated=began,
                buyer=party.buyer,
                lines=tuple(lines),
                total_net=sum((line.total_net for line in lines), Decimal(0)),
                total_gross=sum((line.total_gross for line in lines), Decimal(0)),
                prices_with_tax=with_tax,
                billing=party.billing,
                shipping=party.shipping,
                note=note,
                metadata={RESERVATION: ",".join(str(hold.pk) for hold in self.holds)},
            ),
            None if self._is_withdrawn else STATUS,
            tuple(requisites.items()),
        )

    def _reason(self, order: Order | None) -> str:
        if order is not None:
            return f"оформлен заказ № {order.number}"
        if self.order_id:
            return "оформлен заказ"
        if not self._is_wanted and self._live:
            return _SWITCHED_OFF
        return ", ".join(dict.fromkeys(_REASONS.get(hold.end, "снята") for hold in self.holds))

    def _terms(self, lines: Sequence[OrderLine]) -> str:
        """Until when, line by line where it differs."""
        ends = [f"{self._local(hold.ends):%d.%m.%Y %H:%M}" for hold in self.holds]
        if len(set(ends)) == 1:
            return f"Бронь до {ends[0]}"
        each = (f"{line_name(line)} — до {end}" for line, end in zip(lines, ends, strict=True))
        return "\n".join(("Бронь:", *each))

    def _local(self, moment: datetime) -> datetime:
        """The shop's wall clock, as documents have it."""
        return moment.astimezone(self._zone).replace(microsecond=0, tzinfo=None)


def _cart_id(document_id: str) -> str:
    return document_id.removeprefix(PREFIX)


def _wanted_channels() -> set[str]:
    """Channels whose reservations go to 1C."""
    return {channel for channel, settings in of_channels().items() if settings.to_onec}


def _holds(cart_ids: Collection[str]) -> Mapping[str, Sequence[Hold]]:
    """Cart → the last hold of each of its lines, in the order in which they began."""
    rows = Hold.objects.filter(cart_id__in=bulk.any_of(cart_ids, "text"))
    found: defaultdict[str, dict[str, Hold]] = defaultdict(dict)
    # Of a line's, one that nobody has closed is the last.
    for hold in rows.order_by(F("ended").asc(nulls_last=True), "pk"):
        found[hold.cart_id][hold.line_id] = hold
    return {
        cart_id: sorted(lines.values(), key=lambda hold: (hold.began, hold.line_id))
        for cart_id, lines in found.items()
    }


def _last(holds: Sequence[Hold]) -> Sequence[Hold]:
    """Those that ended last, of holds that are over."""
    at = {
        # The same before and after somebody has closed it.
        hold.pk: hold.ends if hold.end in ("", End.EXPIRED) or not hold.ended else hold.ended
        for hold in holds
    }
    last = max(at.values())
    return [hold for hold in holds if at[hold.pk] > last - _AT_ONCE]


def _goods(documents: Iterable[_Document]) -> Mapping[str, Mapping[str, Goods]]:
    """Channel → variant → what documents say of it."""
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for item in documents:
        wanted[item.channel].update(hold.variant_id for hold in item.holds)
    carts = current_carts()
    return {channel: carts.goods(channel, ids) for channel, ids in wanted.items()}


def _with_tax(goods: Mapping[str, Goods]) -> bool:
    """Whether the channel's prices have their tax in them; goods that are all gone don't say."""
    return next((item.price_with_tax for item in goods.values()), True)


def _line(hold: Hold, goods: Goods) -> OrderLine:
    """What is held; without a price of ours 1C takes its own."""
    total = quantize((hold.price or Decimal(0)) * hold.quantity, hold.currency)
    factor = 1 + (goods.tax_rate or Decimal(0))
    with_tax = goods.price_with_tax
    return OrderLine(
        id=hold.line_id,
        name=goods.name,
        quantity=hold.quantity,
        total_net=quantize(total / factor, hold.currency) if with_tax else total,
        total_gross=total if with_tax else quantize(total * factor, hold.currency),
        undiscounted=total,
        key=goods.key,
        product_key=goods.product_key,
        sku=goods.sku,
        variant_name=goods.variant_name,
        tax_rate=goods.tax_rate,
        metadata=goods.metadata,
    )
