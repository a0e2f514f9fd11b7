import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.support import PRICE_TYPES, catalogue, good, offer, offers
from tests.exchange.shop import ROOT, Row, Shop, Talk

from .buyer import Buyer
from .live import FILE

#: Goods that can be had, at 100 and 25.50.
CHAIR, TABLE = "chair", "table"


class SellingShop(Shop):
    """The mini-shop in processes of its own, with goods, and what its orders come to."""

    def configure(self, **plugins: dict[str, Any]) -> None:
        """Save settings; those that are not named are as they were made."""
        path = self.folder / "settings.json"
        new = path.with_suffix(".new")
        new.write_text(json.dumps(plugins), encoding="utf-8")
        new.replace(path)

    def fill(self) -> None:
        """Have 1C send the goods."""
        goods = catalogue(good(CHAIR, "Стул") + good(TABLE, "Стол"))
        trade = offers(
            offer(CHAIR, "100.00", "100000") + offer(TABLE, "25.50", "100000"), head=PRICE_TYPES
        )
        talk = self.client()
        talk.load({"import.xml": goods.encode(), "offers.xml": trade.encode()})
        talk.client.complete()

    def variant(self, key: str) -> int:
        found: int = self.value("SELECT id FROM onec_sandbox_variant WHERE key = %s", key)
        return found

    def sale(self, **more: Any) -> Talk:
        """1C that exchanges orders; not logged in yet."""
        return Talk(self, **{"kind": "sale", "version": "3.1", **more})

    def restart_web(self) -> None:
        """``kill -9`` the web server, and start another one."""
        assert self.web is not None
        self.web.kill()
        self.start_web()

    def orders(self) -> list[Row]:
        """All that the orders came to, without ids that differ from run to run."""
        return self.rows(
            """
            SELECT o.onec_reference, o.status, o.email, o.taken, o.metadata::text,
                (SELECT array_agg((v.key, l.quantity, l.shipped, l.price, l.total)::text
                    ORDER BY v.key) FROM onec_sandbox_orderline l
                    JOIN onec_sandbox_variant v ON v.id = l.variant_id WHERE l.order_id = o.id),
                (SELECT array_agg((p.kind, p.amount, p.at, p.reference, p.from_onec)::text
                    ORDER BY p.reference) FROM onec_sandbox_payment p WHERE p.order_id = o.id),
                (SELECT array_agg((s.reference, s.at, s.tracking, l.quantity)::text
                    ORDER BY s.reference) FROM onec_sandbox_shipment s
                    JOIN onec_sandbox_shipmentline l ON l.shipment_id = s.id
                    WHERE s.order_id = o.id),
                r.onec_number, r.onec_issued, r.applied_from, r.version > r.confirmed,
                (SELECT array_agg((d.kind, d.onec_id, d.digest, d.refused)::text
                    ORDER BY d.onec_id) FROM onec_orders_applieddocument d WHERE d.order_id = r.id)
            FROM onec_sandbox_order o LEFT JOIN onec_orders_orderrecord r
                ON r.order_id = o.key::text
            ORDER BY o.onec_reference, o.id
            """
        )

    def stock(self) -> list[Row]:
        return self.rows(
            "SELECT v.key, s.quantity FROM onec_sandbox_stock s "
            "JOIN onec_sandbox_variant v ON v.id = s.variant_id ORDER BY 1, 2"
        )


@pytest.fixture(scope="session")
def running_selling_shop() -> Iterator[SellingShop]:
    folder = Path(tempfile.mkdtemp(prefix="onec-circle-"))
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.circle.live_settings",
        "PYTHONPATH": str(ROOT),
        FILE: str(folder / "settings.json"),
        "ONEC_LEASE_SECONDS": "3",
        "ONEC_QUEUE_SECONDS": "1",
    }
    running = SellingShop(folder, durable=False, environment=environment)
    running.configure()
    with running:
        yield running
    shutil.rmtree(folder)


@pytest.fixture
def shop(running_selling_shop: SellingShop) -> SellingShop:
    """That shop with its goods, and no orders yet."""
    running_selling_shop.clear()
    running_selling_shop.configure()
    running_selling_shop.fill()
    return running_selling_shop


@pytest.fixture
def buyer(shop: SellingShop) -> Buyer:
    return Buyer(shop.url)
