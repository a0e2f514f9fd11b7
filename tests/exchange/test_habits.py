"""What clients do that the protocol's description does not say."""

import base64

import pytest

from saleor_1c_plugin.exchange.models import Exchange, SpoolFile
from tests.catalog.support import PRICE_TYPES, catalogue, good, offer, offers

from .conftest import LOGIN, PASSWORD, OneC

pytestmark = pytest.mark.django_db(transaction=True)

GOODS = catalogue(good("p1")).encode()


def test_log_in_by_post_and_without_the_slash(onec: OneC) -> None:
    token = base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()
    for address in ("/1c/", "/1c"):
        response = onec.http.post(
            f"{address}?type=catalog&mode=checkauth", headers={"Authorization": f"Basic {token}"}
        )
        assert onec.text(response).startswith("success\nonec_session\n")


def test_a_header_that_a_proxy_took_away_is_named() -> None:
    assert "заголовок Authorization не доходит" in OneC().ask("checkauth")


@pytest.mark.parametrize("mode", ["init", "complete"])
def test_the_session_is_the_cookie_and_nothing_else(onec: OneC, mode: str) -> None:
    sessid = onec.log_in().splitlines()[3].removeprefix("sessid=")
    assert not onec.ask(mode, sessid=sessid).startswith("failure")
    onec.http.cookies.clear()
    assert onec.ask(mode, sessid=sessid).startswith("failure\nНет сеанса обмена")


def test_a_second_init_begins_the_files_anew(onec: OneC) -> None:
    onec.ask("init")
    onec.send("import.xml", GOODS[:100])
    onec.ask("init")
    onec.send("import.xml", GOODS[:200])
    onec.send("import.xml", GOODS[200:])
    assert onec.load("import.xml").startswith("success")


def test_a_picture_sent_again_is_one_file(onec: OneC) -> None:
    onec.ask("init")
    for _ in range(3):
        assert onec.send("import_files/ab/1.jpg", b"\xff\xd8\xff one") == "success"
    assert SpoolFile.objects.get().size == 7


@pytest.mark.parametrize(
    ("sent", "asked"),
    [
        ("import.xml", "Import.XML"),
        ("webdata/000000001/goods/1/import___a-1.xml", "000000001/goods/1/import___a-1.xml"),
        ("goods/1/import___a-1.xml", "webdata\\000000001\\goods\\1\\import___a-1.xml"),
        ("выгрузка/импорт.xml", "Импорт.xml"),
    ],
)
def test_a_file_is_found_under_the_name_that_1c_asks_for(onec: OneC, sent: str, asked: str) -> None:
    onec.ask("init")
    onec.send(sent, GOODS)
    assert onec.load(asked).startswith("success")


def test_an_empty_file_has_a_reason(onec: OneC) -> None:
    onec.ask("init")
    assert onec.send("import.xml", b"") == "success"
    assert onec.load("import.xml") == "failure\nИмпорт import.xml: Файл пуст"


def test_the_journal_counts_remarks_and_names_kinds_of_objects(onec: OneC) -> None:
    onec.ask("init")
    onec.send("offers.xml", offers(offer("p9"), head=PRICE_TYPES).encode())
    onec.load("offers.xml")
    onec.send("import.xml", b"<a/>")
    onec.load("import.xml")
    english = {"Accept-Language": "en"}
    page = onec.http.get("/journal/", headers=english).content.decode()
    assert '<span class="warning">1</span>' in page
    assert '<span class="error">1</span>' in page
    address = f"/journal/{Exchange.objects.get().public_id}/"
    detail = onec.http.get(address, headers=english).content.decode()
    assert "— Price types" in detail
    assert "Offers: p9" in detail
