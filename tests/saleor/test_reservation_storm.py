"""200 buyers at once for 100 units, of a Saleor that runs, while 1C changes what there is.

``ONEC_STORM_ROUNDS`` is how many rounds there are in each mode (without it one, of holds by
themselves), ``ONEC_STORM_SEED`` the first one's lots.
"""

import os
from collections import Counter
from collections.abc import Iterator

import graphene
import pytest
from django.db import connection
from django.db.models import Sum
from saleor.account.models import User
from saleor.channel.models import Channel
from saleor.order.models import OrderLine
from saleor.product.models import ProductVariant
from saleor.warehouse.models import Allocation, Reservation, Stock, Warehouse

from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.reservations.models import End, Hold, HoldQuerySet

from .live import LiveShop, local
from .sales import goods
from .shop import configure
from .storm import CHEAP, DEAR, Storm, watched

ROUNDS = int(os.environ.get("ONEC_STORM_ROUNDS", "0"))
#: Unless rounds are named, one of the mode that holds more.
MODES = ["on_request", "automatic"] if ROUNDS else ["automatic"]
SEED = int(os.environ.get("ONEC_STORM_SEED", "1"))
BUYERS = 200
#: Of each of the goods, in the one warehouse and in the other: 100 together.
UNITS = ((40, 0), (20, 10), (10, 20))


@pytest.fixture
def spare(live: LiveShop) -> Iterator[Warehouse]:
    """A second warehouse of the channel, for a while."""
    main, channel = Warehouse.objects.get(slug="main"), Channel.objects.get(slug="main")
    made = Warehouse.objects.create(name="Второй", slug="spare", address=main.address.get_copy())
    made.channels.add(channel)
    made.shipping_zones.add(*channel.shipping_zones.all())
    yield made
    made.delete()


def stocked(key: str, spare: Warehouse) -> list[ProductVariant]:
    made = []
    for number, (here, there) in enumerate(UNITS):
        variant = goods(f"{key}-{number}", str(CHEAP), stock=here, shipped=False)
        Stock.objects.create(product_variant=variant, warehouse=spare, quantity=there)
        made.append(variant)
    return made


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.usefixtures("reserving")
def test_storm(live: LiveShop, spare: Warehouse, mode: str) -> None:
    configure("reservations", channel="main", mode=mode)
    accounts = [
        User.objects.create(email=f"{mode}-{n}@example.com", is_active=True, is_confirmed=True)
        for n in range(2)
    ]
    deadlocks = _deadlocks()
    with watched():
        for seed in range(SEED, SEED + max(ROUNDS, 1)):
            variants = stocked(f"storm-{mode}-{seed}", spare)
            storm = Storm(live.base, variants, accounts, asks=mode == "on_request")
            storm.rage(seed, BUYERS)
            print(seed, mode, dict(sorted(storm.ledger.answers.items())))
            assert not storm.ledger.complained()
            assert storm.ledger.snapshots
            check_orders(storm)
            check_holds(storm)
            check_nothing_is_lost(storm)
            assert not storm.ledger.complained()
    print("deadlocks", _deadlocks() - deadlocks)


def check_orders(storm: Storm) -> None:
    """Whoever held pays what the hold says; whoever's time was over pays the price of today."""
    orders = {checkout: local(order) for checkout, order in storm.ledger.orders.items()}
    lines = list(OrderLine.objects.filter(order__in=orders.values()))
    sold = Counter[int]()
    for line in lines:
        sold[line.variant_id] += line.quantity
    allocated = Allocation.objects.filter(stock__product_variant__in=storm.variants)
    sums = allocated.values_list("stock__product_variant").annotate(Sum("quantity_allocated"))
    assert sold == dict(sums.order_by())
    bought = Hold.objects.filter(end=End.BOUGHT, order_id__in=orders.values())
    held = {(hold.order_id, hold.variant_id): hold for hold in bought}
    late = {orders[checkout] for checkout in storm.ledger.expired & orders.keys()}
    for line in lines:
        hold = held.get((str(line.order_id), str(line.variant_id)))
        price = line.unit_price_gross_amount
        if hold is not None:
            assert (price, line.quantity) == (hold.price, hold.quantity)
        elif str(line.order_id) in late:
            assert price == DEAR
        else:
            assert price in (CHEAP, DEAR)
    storm.ledger.answers["bought when held"] += len(held)


def check_holds(storm: Storm) -> None:
    """A hold is whole, in the shop's own rows, as soon as its cart has been reviewed."""
    rows = of(storm)
    for cart_id in set(rows.unsettled().values_list("cart_id", flat=True)):
        holds.review(cart_id)
    for hold in rows.live():
        units = Reservation.objects.filter(checkout_line=hold.line_id).not_expired()
        assert sum(units.values_list("quantity_reserved", flat=True)) == hold.quantity


def check_nothing_is_lost(storm: Storm) -> None:
    """When all holds have ended, the last buyer can have whatever no order has, and no more."""
    for level in storm.levels():
        # 1C finds what it has sold.
        Stock.objects.filter(pk=level.stock_id, quantity__lt=level.sold).update(quantity=level.sold)
    # What becomes free is held, by itself, for carts that went without; that ends, too.
    while carts := sorted(set(of(storm).live().values_list("cart_id", flat=True))):
        for number, cart in enumerate(carts):
            checkout = str(graphene.Node.to_global_id("Checkout", cart))
            (storm.cancel if number % 2 else storm.pass_time)(checkout)
        holds.sweep()
    assert not of(storm).unsettled().exists()
    for variant in storm.variants:
        levels = [level for level in storm.levels() if level.variant_id == variant.pk]
        left = sum(level.quantity - level.sold for level in levels)
        # Saleor's own reservations, of those who are signed in, last for a minute: it is over.
        Reservation.objects.filter(stock__product_variant=variant).delete()
        assert storm.available(variant) == left
        assert not left or storm.buy({variant: left})
        assert storm.available(variant) == 0
        assert not storm.buy({variant: 1})
    for level in storm.levels():
        assert level.sold == level.quantity


def of(storm: Storm) -> HoldQuerySet:
    """All holds of a storm."""
    return Hold.objects.filter(variant_id__in=[str(variant.pk) for variant in storm.variants])


def _deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
