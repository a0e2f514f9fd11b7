"""Sessions of 1C's, over HTTP, with the web server and the worker in processes of their own."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from saleor_1c_plugin.onec.errors import Refused
from tests.catalog.support import PRICE_TYPES, catalogue, good, offer, offers

from .exports import picture
from .shop import Shop

GOODS = 300


def package(mark: str, shade: int) -> dict[str, bytes]:
    """A catalogue of its own, in files that are called like everybody's."""
    goods = "".join(
        good(f"{mark}{n}", f"Товар {mark}{n}", "<Картинка>import_files/1.png</Картинка>")
        for n in range(GOODS)
    )
    trade = "".join(offer(f"{mark}{n}", f"{shade}", f"{shade}") for n in range(GOODS))
    xml = catalogue(goods), offers(trade, head=PRICE_TYPES)
    own = [
        text.replace("<Ид>C<", f"<Ид>{mark}<").replace("<ИдКаталога>C<", f"<ИдКаталога>{mark}<")
        for text in xml
    ]
    return {
        "import_files/1.png": picture(shade),
        "import.xml": own[0].encode(),
        "offers.xml": own[1].encode(),
    }


def test_two_exchanges_at_once_do_not_mix(shop: Shop) -> None:
    together = Barrier(2)

    def exchange(mark: str, shade: int) -> dict[str, str]:
        files = package(mark, shade)
        talk = shop.client()
        together.wait(30)
        talk.load(files)
        # A full export: whatever its own catalogue does not name is hidden.
        talk.client.complete()
        return talk.said

    with ThreadPoolExecutor(2) as onec:
        said = [
            talk.result()
            for talk in [onec.submit(exchange, "a", 11), onec.submit(exchange, "b", 22)]
        ]
    for answers in said:
        for name in ("import.xml", "offers.xml"):
            assert f"создано {GOODS}" in answers[f"import {name}"]
        assert "скрыто 0" in answers["complete"]
    shop.wait_for_follow_ups()
    shop.check_register()
    assert shop.rows(
        "SELECT left(v.key, 1), p.amount::int, s.quantity, count(*), count(DISTINCT m.digest) "
        "FROM onec_sandbox_variant v JOIN onec_sandbox_price p ON p.variant_id = v.id "
        "JOIN onec_sandbox_stock s ON s.variant_id = v.id "
        "JOIN onec_sandbox_media m ON m.product_id = v.product_id GROUP BY 1, 2, 3 ORDER BY 1"
    ) == [("a", 11, 11, GOODS, 1), ("b", 22, 22, GOODS, 1)]
    assert not shop.journal()


def test_a_session_survives_a_restart_of_the_web_server(shop: Shop) -> None:
    talk = shop.client()
    talk.client.init()
    body = catalogue(good("p1")).encode()
    talk.send({"import.xml": body[:200]})
    assert shop.web is not None
    shop.web.stop()
    shop.start_web()
    talk.send({"import.xml": body[200:]})
    assert "создано 1" in talk.client.import_file("import.xml").message
    shop.web.kill()
    shop.start_web()
    talk.client.complete()
    assert shop.value("SELECT count(*) FROM onec_exchange_exchange") == 1


def wait_until_closed(shop: Shop) -> None:
    deadline = time.monotonic() + 20
    while not shop.value("SELECT count(*) FROM onec_exchange_exchange WHERE closed IS NOT NULL"):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("imported", [False, True])
def test_an_abandoned_exchange_is_swept(shop: Shop, imported: bool) -> None:
    left = shop.client()
    left.send({"import_files/1.png": picture(1), "offers.xml": b"<half"})
    if imported:
        left.load({"import.xml": catalogue(good("p1")).encode()})
    assert shop.files("spool")
    # A file that no row knows: a web server died while it was writing it.
    (public_id,) = shop.rows("SELECT public_id FROM onec_exchange_exchange")[0]
    lost = shop.folder / "spool" / str(public_id) / "ab" / "lost"
    lost.parent.mkdir(exist_ok=True)
    lost.write_bytes(b"x")
    shop.rows("UPDATE onec_exchange_exchange SET last_seen = last_seen - interval '2 hours'")
    shop.client()
    wait_until_closed(shop)
    assert "1С не завершила обмен: файлы удалены" in shop.journal("warning")
    deadline = time.monotonic() + 20
    while shop.files("spool"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with pytest.raises(Refused, match="истёк"):
        left.client.init()
    assert shop.value("SELECT count(*) FROM onec_sandbox_product WHERE published") == int(imported)
