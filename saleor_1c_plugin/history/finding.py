"""Finding what no shop tells of: carts that were left, and accounts that were made."""

from datetime import datetime, timedelta

from django.db import transaction

from ..order_looks import LATEST_COMMIT
from ..store import current_carts, current_orders
from . import facts, journal
from .event import Event
from .models import Mark
from .noticing import mark
from .settings import HistorySettings

_BATCH = 500
#: A cart that was left longer ago is no news: nobody looked, or the merchant did not want to know.
_NEWS = timedelta(days=1)


def left_carts(settings: HistorySettings) -> None:
    """Write down which carts nobody has touched for the hours that are set."""
    seen = mark().carts
    if not settings.cart_hours:
        return
    until = journal.now() - timedelta(hours=settings.cart_hours)
    # What was left before anybody wanted to know of it is not told.
    moment, cart_id = until if seen is None else max(seen, until - _NEWS), ""
    while rows := current_carts().left(moment, cart_id, until, _BATCH):
        with transaction.atomic():
            journal.record([event for row in rows for event in _left(*row)])
        moment, cart_id = rows[-1]
        Mark.objects.filter(pk=1).update(carts=moment)
    Mark.objects.filter(pk=1).update(carts=until)


def new_accounts() -> None:
    """Write down which accounts were made."""
    row, began = mark(), journal.now()
    # Those of the last minutes are seen again, and ignored: a commit may be late.
    moment, user_id = max(row.began, (row.customers or row.began) - LATEST_COMMIT), ""
    while accounts := current_orders().registered_since(moment, user_id, _BATCH):
        moment, user_id = accounts[-1].made, accounts[-1].buyer.id
        with transaction.atomic():
            journal.record([facts.of_account(account) for account in accounts])
    Mark.objects.filter(pk=1).update(customers=began)


def _left(touched: datetime, cart_id: str) -> list[Event]:
    cart = current_carts().read_cart(cart_id)
    party = current_carts().parties([cart_id]).get(cart_id)
    if cart is None or party is None or not party.buyer.email:
        return []
    goods = current_carts().goods(cart.channel, [line.variant_id for line in cart.lines])
    event = facts.of_cart(cart, party, goods, touched)
    return [event] if event.data["lines"] else []
