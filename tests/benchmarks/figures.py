"""The figures themselves; runs in Saleor's environment, see ``__main__``."""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import django
import saleor.celeryconf  # noqa: F401 - tasks run at once, as Saleor's settings say

django.setup()

import graphene  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402
from lxml import etree  # noqa: E402
from saleor.attribute.models import Attribute  # noqa: E402
from saleor.channel.models import Channel  # noqa: E402
from saleor.product.models import Category, Product, ProductType, ProductVariant  # noqa: E402
from saleor.tax.models import TaxClass  # noqa: E402
from saleor.warehouse.models import Stock, Warehouse  # noqa: E402

from saleor_1c_plugin.exchange import spool  # noqa: E402
from saleor_1c_plugin.exchange.models import Exchange, ImportJob  # noqa: E402
from saleor_1c_plugin.exchange.tasks import run_import  # noqa: E402
from tests.saleor.shop import configure, make_shop  # noqa: E402

from . import carts, documents, latency, many_holds, memory, orders, packages  # noqa: E402
from .saleor_api import Api, product_input  # noqa: E402
from .telling import note, tell  # noqa: E402

FOLDER = Path(tempfile.mkdtemp(prefix="onec-bench-files-"))


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bare(path: Path, tag: str) -> int:
    """The least that reading such a file can cost: lxml alone, forgetting what it has read."""
    count = 0
    for _, element in etree.iterparse(str(path), tag=tag):
        count += 1
        element.clear()
        while element.getprevious() is not None:
            del cast(Any, element.getparent())[0]
    return count


class Session:
    """Exchanges as a worker sees them: spooled files, jobs with lease and journal."""

    def __init__(self) -> None:
        from django.utils import timezone

        now = timezone.now()
        self.exchange = Exchange.objects.create(
            cookie_hash=os.urandom(16).hex(), login="1c", address="", started=now, last_seen=now
        )

    def job(self, path: Path) -> ImportJob:
        """A job for the file, which is in the spool."""
        with path.open("rb") as source:
            while part := source.read(16 << 20):
                parts = iter([part, b""])
                spool.receive(self.exchange, path.name, lambda n, p=parts: next(p), None, 32 << 20)
        return ImportJob.objects.create(
            exchange=self.exchange,
            kind=ImportJob.Kind.IMPORT,
            file_name=path.name,
            file=spool.find(self.exchange, path.name),
        )

    def import_file(self, path: Path) -> float:
        """Seconds of the import, follow-up work included."""
        job = self.job(path)
        took = seconds(lambda: run_import(job.pk))
        job.refresh_from_db()
        assert job.status == ImportJob.Status.DONE, job.reason
        counts = {(c.kind, c.outcome): c.n for c in job.counts.all()}
        failed = job.entries.filter(level="error").first()
        assert failed is None, failed
        note(f"  {path.name}: {took:.2f} s {counts}")
        return took


def ids() -> dict[str, str]:
    """Global ids that ``productBulkCreate`` wants, of what the import has made."""
    found = {
        "channel": Channel.objects.get(slug="main"),
        "warehouse": Warehouse.objects.get(slug="main"),
        "category": Category.objects.first(),
        "type": ProductType.objects.filter(private_metadata__has_key="onec.key").first(),
        "tax": TaxClass.objects.filter(private_metadata__has_key="onec.key").first(),
    }
    found |= {name: Attribute.objects.get(name=name) for name in packages.PROPERTIES}
    return {
        key: graphene.Node.to_global_id(type(row).__name__, row.pk)
        for key, row in found.items()
        if row is not None
    }


def by_hundreds(inputs: list[Any], size: int, call: Callable[[list[Any]], None]) -> float:
    return seconds(lambda: [call(inputs[n : n + size]) for n in range(0, len(inputs), size)])


def first_import() -> None:
    """10,000 goods with price, stock and 6 properties, against Saleor's own bulk mutation."""
    count, compared = 10_000, 1000
    goods = packages.write_import(FOLDER / "import.xml", count)
    offers = packages.write_offers(FOLDER / "offers.xml", count)
    warm = packages.write_import(FOLDER / "warm.xml", 20, start=10_000_000)
    Session().import_file(warm)
    api, known = Api(), ids()
    inputs = [product_input(20_000_000 + n, known) for n in range(2 * compared + 100)]
    by_hundreds(inputs[-100:], 100, api.create_products)
    session = Session()
    before = by_hundreds(inputs[:compared], 100, api.create_products)
    ours = session.import_file(goods) + session.import_file(offers)
    after = by_hundreds(inputs[compared : 2 * compared], 100, api.create_products)
    theirs = 2 * compared / (before + after)
    assert Product.objects.filter(external_reference__startswith="0000").count() >= count
    note(f"  {count / ours:.0f} goods/s, productBulkCreate {theirs:.0f}/s")
    tell("first import against productBulkCreate", count / ours / theirs, "times", at_least=20)


def fill(count: int) -> None:
    session = Session()
    session.import_file(packages.write_import(FOLDER / "import.xml", count))
    session.import_file(packages.write_offers(FOLDER / "offers.xml", count))


def unchanged() -> None:
    """50,000 goods of which nothing has changed, against reading the file alone."""
    count = 50_000
    path = packages.write_import(FOLDER / "import.xml", count)
    fill(count)
    ratios = []
    for _ in range(3):
        alone = seconds(lambda: bare(path, "Товар"))
        ours = Session().import_file(path)
        note(f"  bare {alone:.2f} s ({count / alone:.0f}/s), ours {ours:.2f} s")
        ratios.append(alone / ours)
    tell("unchanged export against bare iterparse", sorted(ratios)[1], "times", at_least=1 / 3)


def changed_offers() -> None:
    """50,000 offers with another price and stock, against ``stockBulkUpdate``."""
    count, compared = 50_000, 5000
    if ProductVariant.objects.count() < count:
        fill(count)
    api = Api()
    warehouse = graphene.Node.to_global_id("Warehouse", Warehouse.objects.get(slug="main").pk)
    variants = Stock.objects.values_list("product_variant_id", flat=True)[:compared]
    stocks = [
        {
            "variantId": graphene.Node.to_global_id("ProductVariant", pk),
            "warehouseId": warehouse,
        }
        for pk in variants
    ]

    def theirs(quantity: int) -> float:
        inputs = [{**stock, "quantity": quantity + n} for n, stock in enumerate(stocks)]
        return by_hundreds(inputs, 500, api.update_stocks)

    theirs(700)
    ratios = []
    for change in (1, 2, 3):
        path = packages.write_offers(FOLDER / "offers.xml", count, change)
        before = theirs(1000 * change)
        ours = Session().import_file(path)
        after = theirs(1000 * change + 500)
        rate = 2 * compared / (before + after)
        note(f"  {count / ours:.0f} offers/s, stockBulkUpdate {rate:.0f}/s")
        ratios.append(count / ours / rate)
    tell("changed offers against stockBulkUpdate", sorted(ratios)[1], "times", at_least=8)


def worker_memory() -> None:
    """The first import of 20,000 and of 200,000 goods, each in a process of its own."""
    peaks: list[float] = []
    above: list[float] = []
    for number, count in enumerate((20_000, 200_000), 1):
        path = packages.write_import(FOLDER / "import.xml", count, start=number * 100_000_000)
        idle, peak = memory.of_job(Session().job(path).pk)
        path.unlink()
        note(f"  {count} goods: idle {idle:.0f} MB, peak {peak:.0f} MB")
        above.append(peak - idle)
        peaks.append(peak)
    tell("worker's peak, 200,000 goods against 20,000", peaks[1] / peaks[0], "times", at_most=1.1)
    tell("worker's peak above idle, 200,000 goods", above[1], "MB", at_most=150)


def progress() -> None:
    """Answers to 1C while 20,000 goods are imported by a worker."""
    path = packages.write_import(FOLDER / "import.xml", 20_000, start=300_000_000)
    slowest, answers = latency.slowest_answer(path, "1c", "secret")
    note(f"  {answers} answers said progress")
    assert answers > 1, "the import was over before anybody could ask"
    tell("slowest answer while an import runs", slowest, "s", at_most=2)


def query() -> None:
    """10,000 new orders of five lines, asked for by 1C through Saleor's own address."""
    fill(200)
    configure("orders", portion="10", since="2026-01-01")
    orders.place(1000)
    onec = orders.OneC("1c", "secret")
    counts = []
    for portion in (10, 990):
        configure("orders", portion=str(portion), since="2026-01-01")
        with CaptureQueriesContext(connection) as queries:
            assert onec.query() == portion
        # Before the next request, that empties the log.
        counts.append(len(queries))
        onec.confirm()
    note(f"  queries: {counts[0]} for 10 orders, {counts[1]} for 990")
    tell("database queries, 990 orders against 10", counts[1] / counts[0], "times", at_most=1)
    configure("orders", portion="100000", since="2026-01-01")
    peaks = []
    for more in (1000, 9000):
        orders.place(more)
        idle, peak, given = orders.memory_of_query()
        note(f"  {given} orders: idle {idle:.0f} MB, peak {peak:.0f} MB")
        peaks.append(peak)
    tell(
        "web process's peak, 10,000 orders against 1,000", peaks[1] / peaks[0], "times", at_most=1.1
    )
    rates = []
    for _ in range(3):
        took = seconds(onec.query)
        rates.append(10_000 / took)
        note(f"  {rates[-1]:.0f} orders/s")
    tell("query of 10,000 new orders", sorted(rates)[1], "orders/s", at_least=1500)


def order_documents() -> None:
    written, read = zip(*(documents.speeds(2_000) for _ in range(3)), strict=True)
    tell("orders of 5 lines written", max(written), "orders/s", at_least=4_000)
    tell("orders of 5 lines read", max(read), "orders/s")


def reserve() -> None:
    """``checkoutLinesAdd`` of a guest whose lines are held at once, against Saleor alone."""
    fill(3000)
    comparison = carts.Comparison()
    for minutes, case in ((None, "Saleor reserves nothing"), (15, "Saleor reserves too")):
        carts.saleor_reserves(minutes)
        comparison.run()
        comparison.explain(case)
        name = f"checkoutLinesAdd with automatic holds against without; {case} of its own"
        tell(name, comparison.ratio("wall").median, "times", at_most=1.15)
        tell(f"{name}; processor's time", comparison.ratio("cpu").median, "times", at_most=1.15)


def live_holds() -> None:
    """A page of 50 products with 500,000 live holds in the shop, against none."""
    fill(10_000)
    comparison = many_holds.Comparison(500_000)
    comparison.run()
    name = "products with quantityAvailable, 500,000 live holds against none"
    tell(name, comparison.ratio("wall").median, "times", at_most=1.05)
    tell(f"{name}; processor's time", comparison.ratio("cpu").median, "times", at_most=1.05)


FIGURES = {
    "first_import": first_import,
    "unchanged": unchanged,
    "changed_offers": changed_offers,
    "worker_memory": worker_memory,
    "progress": progress,
    "query": query,
    "order_documents": order_documents,
    "reserve": reserve,
    "live_holds": live_holds,
}


@contextmanager
def profiled(name: str) -> Iterator[None]:
    """With ``ONEC_PROFILE`` set: where the time goes, into that folder."""
    folder = os.environ.get("ONEC_PROFILE")
    if not folder:
        yield
        return
    import cProfile

    profile = cProfile.Profile()
    profile.enable()
    yield
    profile.disable()
    profile.dump_stats(Path(folder) / f"{name}.prof")


def main(names: Iterable[str]) -> None:
    setup_test_environment()
    make_shop()
    for name in names or FIGURES:
        note(f"== {name}")
        with profiled(name):
            FIGURES[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
