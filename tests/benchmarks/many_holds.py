"""Half a million live holds, in a copy of the database: what listings of goods take with them."""

from datetime import timedelta
from statistics import median

from django.db import connection
from django.db.models import AutoField, Model
from django.utils import timezone
from saleor.channel.models import Channel
from saleor.checkout.models import Checkout, CheckoutLine
from saleor.site.models import SiteSettings
from saleor.warehouse.models import Reservation, Stock

from saleor_1c_plugin.reservations.models import Hold
from saleor_1c_plugin.store.carts import BuyerKind

from .carts import Storefront, saleor_reserves
from .clocks import Clock, Ratio, Took, ratio
from .telling import note

_TURNS, _WARMING, _IN_A_TURN = 15, 5, 10
#: A page of a listing, as a storefront asks for it.
_PRODUCTS = """query { products(first: 50, channel: "main") { edges { node {
  id name slug thumbnail(size: 256) { url alt } category { id name }
  pricing { priceRange { start { gross { amount currency } } stop { gross { amount } } } }
  variants { id name sku quantityAvailable(address: {country: RU})
    pricing { price { gross { amount currency } } } } } } } }"""


class Comparison:
    """The page by turns: in the database as it is, and in a copy where goods are held."""

    def __init__(self, holds: int) -> None:
        # As in every shop where the plugin is on, with and without holds.
        saleor_reserves(None)
        SiteSettings.objects.update(limit_quantity_per_checkout=None)
        Stock.objects.update(quantity=1_000_000)
        self._storefront = Storefront()
        name = connection.settings_dict["NAME"]
        self._names = {"without": name, "with": f"{name}_held"}
        _copy(*self._names.values())
        free = self._free()
        self._connect("with")
        _fill(holds)
        held = free - self._free()
        note(f"  {Hold.objects.live().count()} live holds; of the page's goods are held {held}")
        assert held > 0
        for name in self._names:
            self._connect(name)
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
        self._took: dict[str, list[Took]] = {name: [] for name in self._names}

    def run(self) -> None:
        for _ in range(_TURNS):
            for name, took in self._took.items():
                self._connect(name)
                for _ in range(_WARMING):
                    self._free()
                clock = Clock()
                times = [clock.took(self._free) for _ in range(_IN_A_TURN)]
                took.append(Took(*(median(values) for values in zip(*times, strict=True))))
        self._connect("without")
        for name, took in self._took.items():
            note(f"  {name}: {1000 * median(one.wall for one in took):.1f} ms")
        note(f"  wall {self.ratio('wall')}, processors {self.ratio('cpu')}")

    def ratio(self, clock: str) -> Ratio:
        with_it, without = (
            [getattr(one, clock) for one in self._took[name]] for name in ("with", "without")
        )
        return ratio(with_it, without)

    def _connect(self, name: str) -> None:
        connection.close()
        connection.settings_dict["NAME"] = self._names[name]

    def _free(self) -> int:
        """Ask for the page; units that buyers may have of what is on it."""
        products = [edge["node"] for edge in self._storefront.ask(_PRODUCTS)["edges"]]
        variants = [variant for product in products for variant in product["variants"]]
        assert len(products) == 50
        return sum(variant["quantityAvailable"] for variant in variants)


def _copy(source: str, copy: str) -> None:
    """A copy of a database that this process alone uses."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {copy}")
        cursor.execute(f"CREATE DATABASE {copy} TEMPLATE {source}")


#: Lines in the order of `n`, five a cart; a fifth of the goods, whichever, is in half of them.
_WANTED = f"""CREATE TEMP TABLE wanted AS
WITH goods AS (
  SELECT id AS stock, product_variant_id AS variant,
    row_number() OVER (ORDER BY md5(id::text)) - 1 AS place
  FROM {Stock._meta.db_table}
), lines AS (
  SELECT n, floor((SELECT count(*) FROM goods) * power((n * 0.6180339887) %% 1, 2))::bigint
    AS place
  FROM generate_series(0, %s - 1) AS n
)
SELECT n, stock, variant, md5('line' || n)::uuid AS line, md5('cart' || n / 5)::uuid AS cart
FROM lines JOIN goods USING (place)"""


def _fill(holds: int) -> None:
    """Fill carts and hold all that is in them."""
    now = timezone.now()
    channel = Channel.objects.get(slug="main")
    stock = Stock.objects.all()[0]
    checkout = Checkout.objects.create(channel=channel, currency="RUB", country="RU")
    line = CheckoutLine.objects.create(
        checkout=checkout, variant_id=stock.product_variant_id, quantity=1, currency="RUB"
    )
    ends = now + timedelta(hours=1)
    reservation = Reservation.objects.create(
        checkout_line=line, stock=stock, quantity_reserved=1, reserved_until=ends
    )
    hold = Hold.objects.create(
        cart_id=str(checkout.pk),
        line_id=str(line.pk),
        variant_id=str(stock.product_variant_id),
        channel=channel.slug,
        kind=BuyerKind.GUEST.value,
        quantity=1,
        price=100,
        currency="RUB",
        began=now,
        ends=ends,
        term=ends,
        latest=ends,
    )
    with connection.cursor() as cursor:
        # What the rows refer to is known to be there.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(_WANTED, [holds])
    _multiply(checkout, "n %% 5 = 0", token="cart")
    _multiply(line, id="line", checkout_id="cart", variant_id="variant")
    _multiply(reservation, checkout_line_id="line", stock_id="stock")
    _multiply(
        hold,
        id="md5('hold' || n)::uuid",
        cart_id="cart",
        line_id="line",
        variant_id="variant",
        buyer="'cart:' || cart",
    )


def _multiply(row: Model, chosen: str = "true", **values: str) -> None:
    """Write the same row again for each of the wanted lines, with other values in some columns."""
    table = row._meta.db_table
    columns = [
        field.column for field in row._meta.concrete_fields if not isinstance(field, AutoField)
    ]
    quoted = [connection.ops.quote_name(column) for column in columns]
    given = [
        values.get(column, f"template.{name}") for column, name in zip(columns, quoted, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(quoted)}) "
            f"SELECT {', '.join(given)} FROM {table} AS template, wanted "
            f"WHERE template.{row._meta.pk.column} = %s AND {chosen} ORDER BY n",
            [row.pk],
        )
