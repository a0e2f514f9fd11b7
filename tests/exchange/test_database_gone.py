"""PostgreSQL goes away in the middle of an import: 1C waits, and the import goes on."""

import random
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
import requests

from .exports import export
from .shop import Shop
from .test_kill import INTERRUPTED
from .whole import check_again, exchange, outcome

GOODS = 200


def wait_for_import(shop: Shop, talk: "Future[dict[str, str]]") -> None:
    """Wait until goods are being written."""
    while not shop.value("SELECT count(*) FROM onec_sandbox_product"):
        assert not talk.done()
        time.sleep(0.01)


def stop(shop: Shop) -> None:
    shop.postgres.stop()


def crash(shop: Shop) -> None:
    process = shop.postgres._process
    assert process is not None
    process.kill()
    process.wait()


@pytest.mark.parametrize("leave", [stop, crash])
def test_the_server_goes_away_and_comes_back(shop: Shop, leave: Callable[[Shop], None]) -> None:
    body = export(GOODS)
    undisturbed = outcome(shop, exchange(shop, body))
    shop.clear()
    other = shop.client().client
    cookie = {"Cookie": str(other._session.headers["Cookie"])}

    def ask(mode: str) -> str:
        query = {"type": "catalog", "mode": mode, "filename": "import.xml"}
        response = requests.get(shop.exchange_url, query, headers=cookie, timeout=30)
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        return response.text

    with ThreadPoolExecutor(1) as onec:
        talk = onec.submit(exchange, shop, body)
        wait_for_import(shop, talk)
        leave(shop)
        gone = "База данных магазина временно недоступна"
        for mode in ("import", "deactivate", "complete"):
            assert ask(mode) == f"progress\n{gone}, ожидание"
        for mode in ("checkauth", "init", "file"):
            assert ask(mode) == f"failure\n{gone}. Повторите обмен позже."
        shop.postgres.start()
        assert talk.result() == undisturbed.said
    assert INTERRUPTED in shop.journal("warning")
    check_again(shop, body, undisturbed)


def test_connections_are_cut_at_random_moments(shop: Shop) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    body = export(GOODS)
    undisturbed = outcome(shop, exchange(shop, body))
    shop.clear()
    cuts = 0
    with ThreadPoolExecutor(1) as onec:
        talk = onec.submit(exchange, shop, body)
        wait_for_import(shop, talk)
        while not talk.done() and cuts < 10:
            time.sleep(chance.uniform(0, 0.5))
            cuts += len(
                shop.rows(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = 'onec' AND pid <> pg_backend_pid()"
                )
            )
        assert talk.result() == undisturbed.said
    assert cuts
    check_again(shop, body, undisturbed)
