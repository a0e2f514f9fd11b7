"""``kill -9`` of the worker in the middle of 1C's documents: nothing is lost, nothing doubled.

The moments are random, as in the catalogue's test; ``ONEC_TEST_SEED`` gives them again, and
``ONEC_TEST_KILLS`` says how many there are.
"""

import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from saleor_1c_plugin.onec import client
from tests.exchange.test_kill import INTERRUPTED, Sniper
from tests.orders.onec import document, line, package, party, payment

from .conftest import CHAIR, TABLE, SellingShop

KILLS = int(os.environ.get("ONEC_TEST_KILLS", "3"))
ORDERS = 60


def orders() -> str:
    """Orders that managers typed into 1C; one of them for goods that nobody has."""
    made = [
        document(
            f"order-{number}",
            line(CHAIR, "3", "300"),
            line(TABLE if number != 7 else "nothing", "1", "25.5"),
            number=f"К{number}",
            buyer=party(f"party-{number % 9}", f"buyer{number % 9}@example.com"),
            requisites={"Проведен": "true", "Номер по 1С": f"К{number}"},
        )
        for number in range(ORDERS)
    ]
    return package(*made)


def facts() -> str:
    """What was paid, shipped in two parts, cancelled, and can't be."""
    told = []
    for number in range(ORDERS):
        basis = f"order-{number}"
        told += [
            payment(basis, "100", f"pay-{number}", number=f"П{number}"),
            *(
                document(
                    f"ship-{number}-{part}",
                    line(CHAIR, quantity, f"{quantity}00"),
                    kind="Отпуск товара",
                    number=f"О{number}-{part}",
                    basis=basis,
                    requisites={"Номер отправления": f"RA{number}-{part}"},
                )
                for part, quantity in enumerate("12" if number % 5 else "13")
            ),
        ]
    return package(*told, document("order-3", requisites={"Отменен": "true"}))


FILES = {"orders.xml": orders(), "facts.xml": facts()}


def exchange(shop: SellingShop) -> dict[str, str]:
    """What 1C hears of each file."""
    talk = shop.sale()
    talk.client.checkauth()
    talk.client.init()
    said = {}
    for name, text in FILES.items():
        talk.send({name: text.encode()})
        # Below the figures there are some of the remarks: the journal has them all.
        said[name] = talk.client.import_file(name).lines[1]
    return said


def outcome(shop: SellingShop) -> tuple[Any, ...]:
    journal = Counter(shop.journal().splitlines())
    del journal[INTERRUPTED]
    return shop.orders(), shop.stock(), journal


def begin(shop: SellingShop) -> None:
    shop.clear()
    shop.configure(orders={"create_orders": "true", "new_order_channel": "default-channel"})
    shop.fill()


def test_the_worker_is_killed_at_random_moments(
    shop: SellingShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 1C itself does not pause before it asks again.
    monkeypatch.setattr(client, "_POLL_SECONDS", (0.05,))
    seed = int(os.environ.get("ONEC_TEST_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"ONEC_TEST_SEED={seed}")
    begin(shop)
    said = exchange(shop)
    there = outcome(shop)
    assert f"создано {ORDERS - 1}" in said["orders.xml"]
    assert len(there[0]) == ORDERS - 1
    assert "с ошибками 16" in said["facts.xml"]
    sniper = Sniper(shop, shop.lengths(), random.Random(seed), left=KILLS)
    with ThreadPoolExecutor(1) as onec:
        for _ in count():
            begin(shop)
            talk = onec.submit(exchange, shop)
            sniper.fire_at(talk)
            assert talk.result() == said
            assert outcome(shop) == there
            if sniper.left <= 0:
                break
    print(sniper.hits)
    assert shop.value("SELECT count(*) FROM onec_sandbox_customer") == 9
    # The same files once more have nothing left to do.
    again = exchange(shop)
    assert all("создано 0, обновлено 0" in figures for figures in again.values())
    assert outcome(shop)[:2] == there[:2]
