"""A storm: buyers of a running Saleor who want more than there is, and a 1C that changes it.

Everybody speaks to the shop at once, over HTTP; what they were promised and answered is kept, to
be compared with what the database says.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import graphene
import requests
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from saleor.checkout.models import Checkout
from saleor.core.jwt import create_access_token
from saleor.product.models import ProductVariant
from saleor.warehouse.models import Reservation, Stock

from saleor_1c_plugin.reservations.models import Hold
from saleor_1c_plugin.store import current_store
from saleor_1c_plugin.store.ports import PriceWrite, StockWrite

from .sales import ADDRESS, gid

#: Longer than the longest term of a hold.
LATER = timedelta(days=2)
CHEAP, DEAR = Decimal(100), Decimal(150)
_TIMES = ("began", "ends", "term", "latest")
_CREATE = """mutation ($input: CheckoutCreateInput!) { checkoutCreate(input: $input) {
  checkout { id lines { id quantity variant { id } } } errors { field message code } } }"""
_UPDATE = """mutation ($id: ID!, $lines: [CheckoutLineUpdateInput!]!) {
  checkoutLinesUpdate(id: $id, lines: $lines) { errors { field message code } } }"""
_ADD = """mutation ($id: ID!, $lines: [CheckoutLineInput!]!) {
  checkoutLinesAdd(id: $id, lines: $lines) { errors { field message code } } }"""
_COMPLETE = """mutation ($id: ID!) { checkoutComplete(id: $id) {
  order { id } errors { field message code } } }"""
_AVAILABLE = """query ($id: ID!) { productVariant(id: $id, channel: "main") {
  quantityAvailable } }"""
_ON_LINES = """mutation ($id: ID!) { %s(checkoutId: $id) {
  reservations { lineId frozenPrice { amount } } errors { code message } } }"""
_RESERVE, _EXTEND, _CANCEL = (
    _ON_LINES % f"reservation{word}" for word in ("Create", "Extend", "Cancel")
)
_RESERVATIONS = "plugins/saleor1c.reservations/graphql/"
#: What was sold of a stock when somebody last said how much there is: it can't be taken back.
_WATCH = """
    CREATE TABLE storm_sold (stock_id integer PRIMARY KEY, sold integer NOT NULL);
    CREATE FUNCTION storm_sold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO storm_sold SELECT NEW.id, COALESCE(sum(quantity_allocated), 0)
            FROM warehouse_allocation WHERE stock_id = NEW.id
        ON CONFLICT (stock_id) DO UPDATE SET sold = EXCLUDED.sold;
        RETURN NULL;
    END $$;
    CREATE TRIGGER storm_sold AFTER UPDATE OF quantity ON warehouse_stock
        FOR EACH ROW WHEN (NEW.quantity <> OLD.quantity) EXECUTE FUNCTION storm_sold();
"""
_UNWATCH = """
    DROP TRIGGER storm_sold ON warehouse_stock;
    DROP FUNCTION storm_sold();
    DROP TABLE storm_sold;
"""
#: One statement sees one moment, which is not later than the time that it reads.
_SNAPSHOT = """
    SELECT s.id, s.product_variant_id, s.quantity,
        COALESCE((SELECT sum(quantity_allocated) FROM warehouse_allocation
            WHERE stock_id = s.id), 0),
        COALESCE((SELECT sum(quantity_reserved) FROM warehouse_reservation
            WHERE stock_id = s.id AND reserved_until > clock_timestamp() AND EXISTS (
                SELECT FROM onec_reservations_hold AS h
                WHERE h.line_id = checkout_line_id::text AND h."end" = '')), 0),
        COALESCE((SELECT sold FROM storm_sold WHERE stock_id = s.id), 0)
    FROM warehouse_stock AS s WHERE s.product_variant_id = ANY(%s)
"""
#: With the transaction that wrote the row: whoever reads the same twice knows that it stayed.
_LIVE = """
    SELECT line_id, xmin::text FROM onec_reservations_hold
    WHERE cart_id = %s AND "end" = '' AND NOT is_settled AND ends > clock_timestamp()
"""


@dataclass(frozen=True, slots=True)
class Level:
    """A stock at a moment, and how much of it had been sold when its quantity was last changed."""

    stock_id: int
    variant_id: int
    quantity: int
    sold: int
    held: int
    sold_before: int

    def complaint(self) -> str:
        """What is wrong with it; empty where nothing is."""
        if self.sold > max(self.quantity, self.sold_before):
            return f"oversold: {self}"
        return f"overheld: {self}" if self.held > max(self.quantity - self.sold, 0) else ""


@dataclass
class Ledger:
    """What was seen."""

    answers: Counter[str] = field(default_factory=Counter)
    #: What must not be.
    complaints: list[str] = field(default_factory=list)
    #: Checkout → order.
    orders: dict[str, str] = field(default_factory=dict)
    #: Checkouts that ran out of time after the goods had become dearer.
    expired: set[str] = field(default_factory=set)
    snapshots: int = 0

    def complained(self) -> str:
        """What must not be, the beginning of each."""
        return "\n".join(complaint[:300] for complaint in self.complaints)


@contextmanager
def watched() -> Iterator[None]:
    """Keep count, inside the database, of what was sold before a stock changed."""
    with connection.cursor() as cursor:
        cursor.execute(_WATCH)
        try:
            yield
        finally:
            cursor.execute(_UNWATCH)


class Storm:
    """One round.

    Parameters
    ----------
    base
        Address of the shop.
    variants
        What everybody wants; sold at :data:`CHEAP` when it begins.
    accounts
        Users, some of whom buy.
    asks
        The channel reserves on request.
    """

    def __init__(
        self, base: str, variants: Sequence[ProductVariant], accounts: Sequence[Any], *, asks: bool
    ) -> None:
        self.base, self.variants, self.accounts, self.asks = base, variants, accounts, asks
        self.ledger = Ledger()
        self.is_dear = threading.Event()
        self._over = threading.Event()

    def rage(self, seed: int, buyers: int) -> None:
        """Let so many buyers loose at once, until each has done what he came for."""
        lots = random.Random(seed)
        start = threading.Barrier(buyers)
        shoppers = [Shopper(self, lots.randrange(2**32), start) for _ in range(buyers)]
        around = [
            threading.Thread(target=_apart(self, work))
            for work in (lambda: self._trade(random.Random(seed)), self._sample)
        ]
        crowd = [threading.Thread(target=_apart(self, shopper.shop)) for shopper in shoppers]
        for thread in (*around, *crowd):
            thread.start()
        for thread in crowd:
            thread.join()
        self._over.set()
        for thread in around:
            thread.join()

    def levels(self) -> list[Level]:
        with connection.cursor() as cursor:
            cursor.execute(_SNAPSHOT, [[variant.pk for variant in self.variants]])
            return [Level(*row) for row in cursor.fetchall()]

    def available(self, variant: ProductVariant) -> int:
        """What the storefront says can be bought."""
        found = self.client().ask("graphql/", _AVAILABLE, id=gid(variant))
        return int(found["quantityAvailable"])

    def client(self, token: str = "") -> "Client":
        return Client(self.base, self.ledger, token)

    def cancel(self, checkout: str) -> None:
        self.client().ask(_RESERVATIONS, _CANCEL, id=checkout)

    def pass_time(self, checkout: str) -> None:
        """Let a cart be as old as if it had been left for long; nobody is told."""
        pk = _key(checkout)
        with transaction.atomic():
            list(Checkout.objects.select_for_update().filter(pk=pk).values_list("pk"))
            rows = Reservation.objects.filter(checkout_line__checkout=pk)
            rows.update(reserved_until=F("reserved_until") - LATER)
            moved = {name: F(name) - LATER for name in _TIMES}
            Hold.objects.unsettled().filter(cart_id=pk).update(**moved)
            # Counted prices are valid no longer than what is held at them.
            Checkout.objects.filter(pk=pk).update(
                price_expiration=F("price_expiration") - LATER,
                discount_expiration=F("discount_expiration") - LATER,
            )
        if self.is_dear.is_set():
            self.ledger.expired.add(checkout)

    def buy(self, wanted: Mapping[ProductVariant, int]) -> bool:
        """Have somebody buy these at once; whether he could."""
        shopper = Shopper(self, 0, threading.Barrier(1))
        return shopper.buy(wanted)

    # What goes on around the buyers.

    def _trade(self, lots: random.Random) -> None:
        """1C says how much there is, again and again, and once that all has become dearer."""
        changes = 0
        while not self._over.wait(lots.uniform(0.1, 0.5)):
            wanted = lots.sample(list(self.variants), lots.randint(1, len(self.variants)))
            stocks = Stock.objects.filter(product_variant__in=wanted)
            said = [
                StockWrite(
                    str(stock.product_variant_id),
                    str(stock.warehouse_id),
                    max(stock.quantity + lots.choice((-6, -3, -1, 2, 5)), 0),
                )
                for stock in stocks
            ]
            store = current_store()
            with store.writing(), transaction.atomic():
                store.write_stocks(said)
            changes += 1
            if changes == 8:
                raised = [
                    PriceWrite(str(variant.pk), str(variant.product_id), "main", DEAR)
                    for variant in self.variants
                ]
                with store.writing(), transaction.atomic():
                    store.write_prices(raised)
                self.is_dear.set()
        self.ledger.answers["stock changes"] += changes

    def _sample(self) -> None:
        while not self._over.wait(0.05):
            levels = self.levels()
            self.ledger.snapshots += 1
            self.ledger.complaints += filter(None, (level.complaint() for level in levels))


class Client:
    """Somebody who asks a shop, and takes every answer down."""

    def __init__(self, base: str, ledger: Ledger, token: str = "") -> None:
        self._base, self._ledger = base, ledger
        self._session = requests.Session()
        self._session.trust_env = False
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, path: str, query: str, **variables: object) -> Mapping[str, Any]:
        """The answer's only field; nothing where there is none, which is complained of."""
        response = self._session.post(
            f"{self._base}/{path}", json={"query": query, "variables": variables}, timeout=300
        )
        answer = response.json()
        raised = {error["extensions"]["exception"]["code"] for error in answer.get("errors", ())}
        if response.status_code == 200 and raised == {"InsufficientStock"}:
            # Saleor's own answer to who is signed in (it reserves for him itself) and comes too
            # late by the blink of an eye: it looks at what is free, and again under the lock.
            self._ledger.answers["too late by Saleor itself"] += 1
            return {}
        if response.status_code != 200 or raised:
            self._ledger.complaints.append(f"{response.status_code}: {response.text[:2000]}")
            return {}
        [(name, found)] = answer["data"].items()
        codes = sorted({error["code"] for error in found.get("errors") or ()})
        self._ledger.answers[f"{name} {','.join(codes) or 'ok'}"] += 1
        return found  # type: ignore[no-any-return]


class Shopper:
    """A buyer, who does what the lot tells him."""

    def __init__(self, storm: Storm, seed: int, start: threading.Barrier) -> None:
        self._storm, self._lots, self._start = storm, random.Random(seed), start
        account = self._lots.choice([None, None, *storm.accounts])
        self._client = storm.client(create_access_token(account) if account else "")
        self._checkout = ""
        self._lines: list[Mapping[str, Any]] = []

    def shop(self) -> None:
        lots = self._lots
        # In any order, so that who locked as he was asked to would meet others half-way.
        wanted = lots.sample(list(self._storm.variants), lots.choice((1, 1, 2, 3)))
        self._start.wait()
        if not self._begin({variant: lots.choice((1, 1, 2)) for variant in wanted}):
            return
        if self._storm.asks and lots.random() < 0.8:
            self._on_lines(_RESERVE)
        for change in lots.sample(
            [self._change, self._extend, self._cancel, self._wait, self._add, self._linger],
            lots.choice((0, 0, 1, 2)),
        ):
            change()
        if lots.random() < 0.75:
            self._complete()

    def buy(self, wanted: Mapping[ProductVariant, int]) -> bool:
        return self._begin(wanted) and self._complete()

    def _begin(self, wanted: Mapping[ProductVariant, int]) -> bool:
        made = self._client.ask(
            "graphql/",
            _CREATE,
            input={
                "channel": "main",
                "email": f"{self._lots.randrange(10**9)}@example.com",
                "lines": [{"variantId": gid(row), "quantity": n} for row, n in wanted.items()],
                "billingAddress": ADDRESS,
            },
        )
        if not made or not made["checkout"]:
            return False
        self._checkout = made["checkout"]["id"]
        self._lines = made["checkout"]["lines"]
        return True

    def _on_lines(self, mutation: str) -> None:
        self._client.ask(_RESERVATIONS, mutation, id=self._checkout)

    def _extend(self) -> None:
        self._on_lines(_EXTEND)

    def _cancel(self) -> None:
        self._on_lines(_CANCEL)

    def _wait(self) -> None:
        self._storm.pass_time(self._checkout)

    def _linger(self) -> None:
        time.sleep(self._lots.uniform(0, 1))

    def _change(self) -> None:
        line = self._lots.choice(self._lines)
        quantity = self._lots.choice((1, 2, 3))
        lines = [{"lineId": line["id"], "quantity": quantity}]
        self._client.ask("graphql/", _UPDATE, id=self._checkout, lines=lines)

    def _add(self) -> None:
        variant = self._lots.choice(list(self._storm.variants))
        lines = [{"variantId": gid(variant), "quantity": 1}]
        self._client.ask("graphql/", _ADD, id=self._checkout, lines=lines)

    def _complete(self) -> bool:
        before = self._live()
        made = self._client.ask("graphql/", _COMPLETE, id=self._checkout)
        if not made:
            return False
        if made["order"]:
            self._storm.ledger.orders[self._checkout] = made["order"]["id"]
            return True
        lines = Checkout.objects.get(pk=_key(self._checkout)).lines.values_list("pk", flat=True)
        held = dict(before)
        if {str(pk) for pk in lines} <= held.keys() and self._live() == before:
            self._storm.ledger.complaints.append(
                f"refused what was held: {self._checkout} {made['errors']}"
            )
        return False

    def _live(self) -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(_LIVE, [_key(self._checkout)])
            return sorted(cursor.fetchall())


def _apart(storm: Storm, work: Callable[[], None]) -> Callable[[], None]:
    """`work` for a thread of its own, whose failure is seen."""

    def run() -> None:
        try:
            work()
        except Exception as error:
            storm.ledger.complaints.append(f"{timezone.now()} {error!r}")
            raise
        finally:
            connection.close()

    return run


def _key(global_id: str) -> str:
    return str(graphene.Node.from_global_id(global_id)[1])
