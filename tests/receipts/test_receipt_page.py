"""The buyer's receipt: found by its address alone, printed on three papers, with a code to scan."""

import base64
import re
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from uuid import uuid4

import pytest
import zxingcpp
from django.test import Client
from PIL import Image
from selenium.webdriver import Chrome

from saleor_1c_plugin.receipts.compose.document import Buyer, Kind, PaymentObject
from saleor_1c_plugin.receipts.models import Receipt
from saleor_1c_plugin.receipts.printing import links
from tests import serving
from tests.browsing import follow

from .prints import Prints
from .samples import DRIVE, document, item, row, waiting

_HOSTILE = """<script>alert(1)</script>"'{{ x }}&"""


@pytest.fixture
def served(prints: Prints) -> Iterator[str]:
    with serving.served() as url:
        yield url


def code_of(receipt: Receipt) -> str:
    return (
        f"t=20261125T1430&s={receipt.total:.2f}&fn={DRIVE}&i={receipt.fiscal_document}"
        "&fp=1234567890&n=1"
    )


def test_a_buyer_sees_the_receipt(prints: Prints) -> None:
    receipt = row()
    response = Client().get(links.address_of(receipt.pk))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert "script" not in response["Content-Security-Policy"]
    text = unescape(response.content.decode())
    for expected in (
        *("Кассовый чек", "Приход", "ООО «Ромашка»", "7707083893", "25.11.2026 14:30"),
        *("Чайник", "2 шт.", "617.00", "1234.00", "НДС 22%", "222.52", "ОСН"),
        *(DRIVE, str(receipt.fiscal_document), "1234567890", "0001234567012345", "<svg"),
    ):
        assert expected in text
    # Nothing is asked of anybody else.
    assert not re.search(r"""(src|href)=["']?(?!\?)\w""", text)


def test_hostile_names_are_text(prints: Prints) -> None:
    made = document(
        item(name=_HOSTILE, object=PaymentObject.COMMODITY_WITH_CODE, marking_code=_HOSTILE),
        buyer=Buyer(email="a@example.com", name=_HOSTILE, tax_number=_HOSTILE),
        place=_HOSTILE,
    )
    receipt = row(made, url="javascript:alert(1)", register_number="<b>1</b>")
    for paper in ("58", "80", "a4"):
        text = Client().get(links.address_of(receipt.pk), {"paper": paper}).content.decode()
        assert "<script" not in text
        assert "javascript:" not in text
        assert "<b>" not in text
        assert unescape(text).count(_HOSTILE) == 5


def test_where_the_operator_shows_it(prints: Prints) -> None:
    receipt = row(url="https://ofd.example/?a=1&b=2")
    text = Client().get(links.address_of(receipt.pk)).content.decode()
    assert 'href="https://ofd.example/?a=1&amp;b=2"' in text


def test_without_the_address_there_is_no_page(prints: Prints) -> None:
    receipt = row()
    address = links.address_of(receipt.pk)
    token = address.rstrip("/").rpartition("/")[2]
    name, _, signature = token.partition(":")
    another = uuid4().hex
    for guessed in (
        *(f"{another}:{signature}", name, f"{name}:", f"{name}:{signature[:-1]}", ":", "x"),
        *(f"{name.upper()}:{signature}", f"{token}x", "%00", "a" * 5000),
    ):
        assert Client().get(address.replace(token, guessed)).status_code == 404, guessed
    assert Client().post(address).status_code == 405
    # Signed, but of no receipt.
    assert Client().get(links.address_of(uuid4())).status_code == 404


def test_what_is_not_registered_is_no_receipt_yet(prints: Prints) -> None:
    for state in (Receipt.State.QUEUED, Receipt.State.FAILED, Receipt.State.DROPPED):
        receipt = waiting(state=state)
        assert Client().get(links.address_of(receipt.pk)).status_code == 404


def test_what_a_test_register_has_printed_says_so(prints: Prints) -> None:
    assert "Тестовый чек" in Client().get(links.address_of(row(is_test=True).pk)).content.decode()
    assert "Тестовый" not in Client().get(links.address_of(row().pk)).content.decode()


def test_a_correction_has_a_page_as_well(prints: Prints) -> None:
    receipt = row(document(kind=Kind.SELL_CORRECTION))
    text = Client().get(links.address_of(receipt.pk)).content.decode()
    assert "Кассовый чек коррекции" in text
    assert "01.11.2026" in text


def test_the_code_as_files(prints: Prints) -> None:
    receipt = row()
    response = Client().get(links.address_of(receipt.pk), {"format": "png"})
    assert response["Content-Type"] == "image/png"
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(response.content)))
    assert found.text == code_of(receipt)
    response = Client().get(links.address_of(receipt.pk), {"format": "svg"})
    assert response["Content-Type"] == "image/svg+xml"
    assert b"<svg" in response.content


def test_a_shop_that_has_switched_receipts_off_still_shows_them(prints: Prints) -> None:
    prints.switch_off("receipts")
    assert Client().get(links.address_of(row().pk)).status_code == 200


def test_a_browser_shows_it_and_the_code_is_read_from_the_screen(
    served: str, browser: Chrome
) -> None:
    names = ("Чайник заварочный фарфоровый «Гжель» с ручной росписью, 0,7 л", "Чай")
    receipt = row(document(*(item(name=name) for name in names)))
    browser.get(served + links.address_of(receipt.pk))
    for paper, title in (("w80", ""), ("w58", "58 мм"), ("wa4", "A4")):
        if title:
            follow(browser, browser.find_element("partial link text", title))
        article = browser.find_element("id", "receipt")
        assert article.get_attribute("class") == paper
        assert browser.find_element("id", "total").text == "2468.00"
        # Nothing is wider than its paper.
        assert browser.execute_script(
            "const all = [...document.querySelectorAll('#receipt *')];"
            "const edge = arguments[0].getBoundingClientRect().right;"
            "return all.every(one => one.getBoundingClientRect().right <= edge + 0.5)",
            article,
        )
        figure = browser.find_element("tag name", "figure")
        (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(figure.screenshot_as_png)))
        assert found.text == code_of(receipt)
        # The law: no smaller than 20 mm; a pixel of CSS is 1/96 inch.
        side = figure.find_element("tag name", "svg").size["width"]
        assert side / 96 * 25.4 > 20


@pytest.mark.parametrize("paper", ["58", "80"])
def test_a_roll_is_printed_on_one_page(served: str, browser: Chrome, paper: str) -> None:
    made = document(*(item(name=f"Товар с длинным названием, {n}" * 2) for n in range(30)))
    receipt = row(made)
    browser.get(f"{served}{links.address_of(receipt.pk)}?paper={paper}")
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    pdf = base64.b64decode(printed["data"])
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    (width,) = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+)", pdf)
    assert round(float(width) / 72 * 25.4) == int(paper)
