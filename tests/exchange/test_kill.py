"""``kill -9`` at any moment: nothing is lost, nothing is there twice.

The worker is killed at random moments of real imports: now the whole of it with all its
processes, and a new one is started, now those of its pool that do the work, which Celery's main
process replaces at once. The moments are uniform over the length of whatever job runs, from the
unpacking of the archive to the end of the package; a kill counts when it cut a job off. The seed
is printed with a failure; ``ONEC_TEST_SEED`` gives it again, and ``ONEC_TEST_KILLS`` says how many
kills there are.
"""

import os
import random
import shutil
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from itertools import cycle, islice
from socket import create_connection, socket

import pytest

from saleor_1c_plugin.onec import client

from .exports import export
from .shop import Row, Shop
from .whole import check_again, exchange, outcome

KILLS = int(os.environ.get("ONEC_TEST_KILLS", "8"))
GOODS = 250
#: In each of these a job is cut off at least once.
_STAGES = {"unpacking", "import.xml", "offers.xml"}
INTERRUPTED = (
    "Обработка прервалась (обработчик остановлен или база данных недоступна) и начата снова: "
    "записанное раньше остаётся"
)


#: The lease of a dead worker runs out by itself; so many times that would only be waiting.
_EXPIRE = "UPDATE onec_exchange_importjob SET lease_until = now() WHERE token = %s"


@dataclass
class Sniper:
    """Cuts jobs off, and remembers where."""

    shop: Shop
    lengths: dict[str, float]
    chance: random.Random
    left: int = KILLS
    hits: Counter[str] = field(default_factory=Counter)
    #: Tokens of those that are dead.
    _dead: set[object] = field(default_factory=set)

    def fire_at(self, talk: "Future[dict[str, str]]") -> None:
        """Kill again and again until 1C has its answer."""
        while self.left > 0 and not talk.done():
            running = self._running()
            if running:
                length = self.lengths[running[0][1]]
                time.sleep(self.chance.uniform(0, length))
                self._shoot()
            else:
                time.sleep(0.01)

    def _running(self) -> list[Row]:
        running = self.shop.rows(
            "SELECT token, file_name, stage FROM onec_exchange_importjob WHERE status = 'running'"
        )
        return [row for row in running if row[0] not in self._dead]

    def _shoot(self) -> None:
        before = self._running()
        if not before:
            return
        if self.chance.random() < 0.5:
            self.shop.kill_pool()
        else:
            assert self.shop.worker is not None
            self.shop.worker.kill()
            self.shop.start_worker()
        alive = {token for token, _, _ in self._running()}
        for token, name, stage in before:
            if token in alive:
                self._dead.add(token)
                self.shop.rows(_EXPIRE, token)
                self.left -= 1
                self.hits["unpacking" if stage else name or "the end"] += 1


def test_the_worker_is_killed_at_random_moments(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 1C itself does not pause before it asks again.
    monkeypatch.setattr(client, "_POLL_SECONDS", (0.05,))
    seed = int(os.environ.get("ONEC_TEST_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"ONEC_TEST_SEED={seed}")
    editions = [export(GOODS, 1), export(GOODS, 2)]
    undisturbed = [outcome(shop, exchange(shop, body)) for body in editions]
    sniper = Sniper(shop, shop.lengths(), random.Random(seed))
    with ThreadPoolExecutor(1) as onec:
        # Now a first export alone, now another one on top of it.
        for last in islice(cycle((0, 1)), 3 * KILLS):
            shop.clear()
            shutil.rmtree(shop.folder / "media")
            for body, expected in zip(editions[: last + 1], undisturbed, strict=False):
                talk = onec.submit(exchange, shop, body)
                sniper.fire_at(talk)
                assert talk.result() == expected.said
            check_again(shop, editions[last], undisturbed[last])
            assert set(shop.journal().splitlines()) <= {INTERRUPTED}
            if sniper.left <= 0:
                if set(sniper.hits) >= _STAGES:
                    break
                # Luck has spared one of them.
                sniper.left = 1
    print(sniper.hits)
    assert set(sniper.hits) >= _STAGES


def restart_web(shop: Shop) -> None:
    assert shop.web is not None
    shop.web.kill()
    shop.start_web()


def send_raw(shop: Shop, session: client.Client, name: str, body: bytes, sent: int) -> socket:
    """Begin to send a part over a connection of its own, and leave it at `sent` bytes."""
    connection = create_connection(("127.0.0.1", shop.port), 10)
    head = (
        f"POST /1c/?type=catalog&mode=file&filename={name} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Cookie: {session._session.headers['Cookie']}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body[:sent])
    return connection


def test_the_web_server_is_killed_in_the_middle_of_an_upload(shop: Shop) -> None:
    body = export(GOODS)
    size = len(body) // 3 + 1
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    session = shop.client().client
    received = "SELECT coalesce(sum(parts_count), 0) FROM onec_exchange_spoolfile"

    # Half of a part has come.
    with send_raw(shop, session, "export.zip", parts[0], size // 2):
        restart_web(shop)
    assert shop.value(received) == 0
    session.send_file("export.zip", BytesIO(parts[0]))

    # A part has come, and its answer is lost.
    with send_raw(shop, session, "export.zip", parts[1], size):
        while shop.value(received) < 2:
            time.sleep(0.01)
        restart_web(shop)
    session.send_file("export.zip", BytesIO(parts[1]))

    # Between two parts.
    restart_web(shop)
    session.send_file("export.zip", BytesIO(parts[2]))

    keys = shop.rows("SELECT key FROM onec_exchange_spoolpart ORDER BY number")
    spool = shop.folder / "spool"
    assert b"".join((spool / key).read_bytes() for (key,) in keys) == body
    assert "с ошибками 0" in session.import_file("import.xml").message
    session.import_file("offers.xml")
    assert shop.value("SELECT count(*) FROM onec_sandbox_product") == GOODS
