"""How fast the outbox drains: two real worker processes, a receiver on the loopback.

On the mini-shop, for Saleor has no part in it.
"""

import shutil
import tempfile
import time
from pathlib import Path

import psycopg

from saleor_1c_plugin.sandbox.children import Child
from saleor_1c_plugin.sandbox.runner import Sandbox
from tests.outbox.receiver import Receiver

from .telling import note, tell

REPOSITORY = Path(__file__).parents[2]

_FILL = """
INSERT INTO onec_outbox_message (topic, object, key, payload, replaceable, state, token, attempts,
    reason)
SELECT 'loopback', 'order-' || n %% %s, 'event-' || n, jsonb_build_object('number', n), false,
    'pending', '', 0, ''
FROM generate_series(1, %s) AS n
"""


class _TwoWorkers(Sandbox):
    """A mini-shop with two worker processes, as a shop on two hosts has."""

    def start_worker(self) -> None:
        """They are started when there is something to measure."""

    def workers(self) -> list[Child]:
        started = []
        for _ in range(2):
            super().start_worker()
            assert self.worker is not None
            started.append(self.worker)
        return started


def drained(rows: int, objects: int) -> float:
    """Messages a second, from the workers' first one to the last."""
    receiver = Receiver()
    folder = Path(tempfile.mkdtemp(prefix="onec-bench-outbox-"))
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.outbox.worker_settings",
        "PYTHONPATH": str(REPOSITORY),
        "ONEC_TEST_RECEIVER": receiver.url,
    }
    try:
        with _TwoWorkers(folder, environment=environment) as shop:
            with psycopg.connect(shop.postgres.url("onec"), autocommit=True) as connection:
                connection.execute(_FILL, [objects, rows])
                connection.execute("VACUUM ANALYZE onec_outbox_message")
            begun = time.monotonic()
            workers = shop.workers()
            while len(receiver.keys) < rows:
                if not receiver.keys:
                    begun = time.monotonic()
                for worker in workers:
                    worker.check()
                time.sleep(0.02)
            took = receiver.at - begun
    finally:
        receiver.stop()
        shutil.rmtree(folder)
    assert all(numbers == sorted(numbers) for numbers in receiver.processed.values())
    assert sum(map(len, receiver.processed.values())) == rows
    note(f"  {rows} messages in {took:.1f} s")
    return rows / took


def figure() -> None:
    """100,000 rows about 10,000 orders."""
    tell("outbox with two workers", drained(100_000, 10_000), "messages/s", at_least=1000)
