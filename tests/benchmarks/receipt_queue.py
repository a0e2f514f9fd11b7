"""How fast receipts are registered: one worker, one register that is asked for one at a time.

On the mini-shop, for Saleor has no part in it.
"""

import json
import shutil
import tempfile
import time
from decimal import Decimal
from pathlib import Path

import psycopg

from saleor_1c_plugin.receipts import stored
from saleor_1c_plugin.receipts.compose.document import (
    Buyer,
    Item,
    Kind,
    Means,
    PaymentMethod,
    PaymentObject,
    Receipt,
    TaxSystem,
    Vat,
)
from saleor_1c_plugin.sandbox.runner import Sandbox

from .telling import note, tell

REPOSITORY = Path(__file__).parents[2]
_LINES = 5
_PRICE = Decimal("100.00")
_ITEM = Item(
    name="Чашка синяя",
    price=_PRICE,
    quantity=Decimal(1),
    amount=_PRICE,
    method=PaymentMethod.FULL_PREPAYMENT,
    object=PaymentObject.COMMODITY,
    vat=Vat.RATE_22_122,
)
_RECEIPT = Receipt(
    Kind.SELL,
    TaxSystem.OSN,
    (_ITEM,) * _LINES,
    {Means.ELECTRONIC: _LINES * _PRICE},
    Buyer(email="anna@shop.example"),
    place="https://shop.example",
)
_FILL = """
INSERT INTO onec_receipts_receipt (
    id, fact, order_id, order_number, channel, kind, document, total, moved, happened, deadline,
    note, state, register, reference, version, attempts, token, reason,
    drive, sign, register_number, shift_number, number, url, is_test
)
SELECT gen_random_uuid(), 'fact-' || n, 'order-' || n, n, 'default-channel', 'sell', %s::jsonb,
    500, 500, now(), now(), '', 'queued', '', '', 1, 0, '', '', '', '', '', 0, 0, '', false
FROM generate_series(1, %s) AS n
"""
_DONE = """
SELECT count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE state = 'failed')
FROM onec_receipts_receipt
"""


class _Idle(Sandbox):
    """A mini-shop whose worker is started when there is something to measure."""

    def start_worker(self) -> None:
        if self.web is not None:
            super().start_worker()


def registered(receipts: int) -> float:
    """Receipts a second, from the first one that is done to the last."""
    folder = Path(tempfile.mkdtemp(prefix="onec-bench-receipts-"))
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.receipts.storm_settings",
        "PYTHONPATH": str(REPOSITORY),
    }
    try:
        with (
            _Idle(folder, environment=environment) as shop,
            psycopg.connect(shop.postgres.url("onec"), autocommit=True) as connection,
        ):
            connection.execute(_FILL, [json.dumps(stored.dump(_RECEIPT)), receipts])
            connection.execute("VACUUM ANALYZE onec_receipts_receipt")
            shop.start_worker()
            assert shop.worker is not None
            begun, before, done = 0.0, 0, 0
            while done < receipts:
                shop.worker.check()
                time.sleep(0.02)
                done, failed = connection.execute(_DONE).fetchone() or (0, 0)
                assert not failed
                if not before and done:
                    begun, before = time.monotonic(), done
            took = time.monotonic() - begun
            _check(connection, receipts)
    finally:
        shutil.rmtree(folder)
    note(f"  {receipts} receipts of {_LINES} lines in {took:.1f} s")
    return (receipts - before) / took


def _check(connection: "psycopg.Connection[tuple[int, int]]", receipts: int) -> None:
    """Each is on the one drive, and once."""
    found = connection.execute(
        "SELECT count(DISTINCT external_id), count(DISTINCT drive_id) "
        "FROM onec_receipts_emulator_document WHERE type = 'receipt'"
    ).fetchone()
    assert found == (receipts, 1), found


def figure() -> None:
    """2,000 receipts that have piled up; the better of two rounds, see :mod:`.composing`."""
    best = max(registered(2000) for _ in range(2))
    tell("receipts through the queue with one register", best, "receipts/s", at_least=50)
