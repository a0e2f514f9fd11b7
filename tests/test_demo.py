"""The whole way: 1C's client, HTTP, a real worker, a browser that looks at the result and buys."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import requests
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from saleor_1c_plugin.onec.answers import Answer
from saleor_1c_plugin.onec.client import Client
from saleor_1c_plugin.onec.errors import Refused
from saleor_1c_plugin.onec.package import open_package
from saleor_1c_plugin.sandbox import demo, demo_crm, demo_orders, demo_reservations
from saleor_1c_plugin.sandbox.runner import Sandbox
from saleor_1c_plugin.sandbox.valkey import free_port
from tests.browsing import follow, waiting

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sample_config" / "demo"
DATA = Path(os.environ.get("ONEC_SHARED_DATA", ROOT.parent / "shared" / "data")) / "commerceml"
REAL = ["off-doc-1c", "bitrix-module-6"]


@pytest.fixture(scope="module")
def services() -> Iterator[demo_crm.Services]:
    """Whom the shop talks to."""
    with demo_crm.services() as running:
        yield running


@pytest.fixture(scope="module")
def sandbox(services: demo_crm.Services) -> Iterator[Sandbox]:
    folder, port = Path(tempfile.mkdtemp(prefix="onec-demo-")), free_port()
    plugins = services.settings(f"http://127.0.0.1:{port}/")
    variables = {**demo.environment(folder, plugins), **services.environment}
    with Sandbox(folder, port=port, durable=False, environment=variables) as running:
        services.connect(running.url)
        yield running
    shutil.rmtree(folder)


def send(sandbox: Sandbox, folder: Path) -> dict[str, str]:
    """What the server said last about each file."""
    said: dict[str, str] = {}

    def listen(request: str, answer: Answer | None) -> None:
        if answer is not None and request.startswith("import "):
            said[request.removeprefix("import ")] = answer.message

    client = Client(
        sandbox.exchange_url, sandbox.login, sandbox.password, listener=listen, patience=120
    )
    client.upload(open_package([folder]))
    return said


@pytest.fixture(scope="module")
def filled(sandbox: Sandbox) -> Sandbox:
    send(sandbox, SAMPLE)
    return sandbox


def figures(message: str) -> dict[str, int]:
    return {name: int(count) for name, count in re.findall(r"([а-я][а-я ]*) (\d+)", message)}


def test_the_second_upload_changes_nothing(filled: Sandbox) -> None:
    for name, message in send(filled, SAMPLE).items():
        counts = figures(message)
        assert counts["создано"] == counts["обновлено"] == 0, (name, message)
        assert counts["без изменений"] > 0, (name, message)


@pytest.mark.parametrize("folder", REAL)
def test_a_real_export_arrives(filled: Sandbox, folder: str) -> None:
    if not (DATA / folder).is_dir():
        pytest.skip("no shared data beside the checkout")
    for name, message in send(filled, DATA / folder).items():
        assert "с ошибками 0" in message, (name, message)
    again = send(filled, DATA / folder)
    assert all("создано 0, обновлено 0" in message for message in again.values()), again


def test_goods_have_prices_and_stock(filled: Sandbox) -> None:
    page = requests.get(filled.url, {"q": "чашка север"}, timeout=30).text
    assert "Чашка «Север»" in page
    assert "750,00" in page
    link = re.search(r'href="(/goods/\d+/)"', page)
    assert link is not None
    card = requests.get(filled.url.rstrip("/") + link[1], timeout=30).text
    for text in ("Синий", "790,00", "9,50", "Основной склад: 42", "Магазин: 6", "Фарфор"):
        assert text in card


def test_a_wrong_password_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(Refused, match="checkauth"):
        Client(sandbox.exchange_url, sandbox.login, "wrong").checkauth()


def is_shown(driver: webdriver.Chrome, image: WebElement) -> bool:
    width = driver.execute_script("return arguments[0].naturalWidth", image)
    return image.is_displayed() and int(str(width)) > 0


def test_the_page_shows_goods_with_pictures(filled: Sandbox, browser: webdriver.Chrome) -> None:
    browser.get(f"{filled.url}?q=северная керамика")
    cards = browser.find_elements(By.CSS_SELECTOR, "a.card")
    assert {card.find_element(By.CLASS_NAME, "name").text for card in cards} == {
        "Чашка «Север»",
        "Чайник «Уголёк»",
    }
    pictures = [card.find_element(By.TAG_NAME, "img") for card in cards]
    waiting(browser).until(lambda _: all(is_shown(browser, picture) for picture in pictures))
    cards[0].click()
    assert len(browser.find_elements(By.CSS_SELECTOR, "table tr")) > 3


def test_goods_with_pictures_come_first(filled: Sandbox, browser: webdriver.Chrome) -> None:
    browser.get(filled.url)
    shown = [
        bool(card.find_elements(By.TAG_NAME, "img"))
        for card in browser.find_elements(By.CSS_SELECTOR, "a.card")
    ]
    assert shown[0]
    assert shown == sorted(shown, reverse=True)


def test_the_page_shows_the_journal(filled: Sandbox, browser: webdriver.Chrome) -> None:
    browser.get(filled.url)
    follow(browser, browser.find_element(By.CSS_SELECTOR, "header nav a:last-child"))
    assert browser.current_url == filled.journal_url
    rows = browser.find_elements(By.CSS_SELECTOR, "table a[href*='/journal/']")
    assert rows
    follow(browser, rows[-1])
    text = browser.find_element(By.TAG_NAME, "body").text
    assert "import.xml" in text
    assert "offers.xml" in text


def test_somebody_orders_and_pays(filled: Sandbox, browser: webdriver.Chrome) -> None:
    put_in_cart(filled, browser)
    follow(browser, shown(browser, "buy"))
    for name, text in {
        "first_name": "Анна",
        "last_name": "Ли",
        "email": "anna@example.com",
        "phone": "89001234567",
        "city": "Москва",
        "street": "Мясницкая, 1",
    }.items():
        browser.find_element(By.NAME, name).send_keys(text)
    follow(browser, browser.find_element(By.CSS_SELECTOR, "#checkout button"))
    assert "/orders/" in browser.current_url
    assert shown(browser, "status").get_attribute("data-status") == "unconfirmed"
    total = shown(browser, "total").text
    assert total in shown(browser, "pay").text
    follow(browser, shown(browser, "pay"))
    assert total in shown(browser, "payments").text
    assert not browser.find_elements(By.ID, "pay")


def shown(driver: webdriver.Chrome, id_: str) -> WebElement:
    return driver.find_element(By.ID, id_)


def put_in_cart(filled: Sandbox, browser: webdriver.Chrome) -> None:
    browser.get(f"{filled.url}?q=чашка север")
    for press in ("a.card", "form.line button"):
        follow(browser, browser.find_element(By.CSS_SELECTOR, press))


def test_1c_takes_orders_and_acts_on_them(
    filled: Sandbox, browser: webdriver.Chrome, capsys: pytest.CaptureFixture[str]
) -> None:
    visitor = demo_orders.Visitor(filled.url)
    page = demo_orders.show(visitor, filled.exchange_url, filled.login, filled.password)
    assert capsys.readouterr().out.rstrip().endswith("orders that came: 0")
    browser.get(page)
    assert shown(browser, "status").get_attribute("data-status") == "shipped"
    assert shown(browser, "onec-number").text.startswith("ТД00-")
    assert "RA644000001RU" in shown(browser, "shipments").text
    assert shown(browser, "total").text in shown(browser, "payments").text
    assert not browser.find_elements(By.ID, "pay")


def test_a_reservation_is_made_on_the_page_and_counts_down(
    filled: Sandbox, browser: webdriver.Chrome
) -> None:
    put_in_cart(filled, browser)
    follow(browser, browser.find_element(By.CSS_SELECTOR, "button[value=create]"))
    wait = waiting(browser)

    def left() -> str:
        found = browser.find_elements(By.CSS_SELECTOR, ".held .left")
        return found[0].text if found else ""

    first = wait.until(lambda _: left())
    assert re.fullmatch(r"· 00:1[45]:\d\d", first)
    wait.until(lambda _: "" < left() < first)
    follow(browser, browser.find_element(By.CSS_SELECTOR, "button[value=cancel]"))
    assert not browser.find_elements(By.CSS_SELECTOR, ".held")


def test_what_is_reserved_keeps_its_price(
    filled: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    visitors = [demo_orders.Visitor(filled.url) for _ in range(2)]
    demo_reservations.show(
        *visitors, lambda folders: [send(filled, folder) for folder in folders], [SAMPLE]
    )
    begun, reserved, shown_after, ordered = re.findall(
        r"== .*?(?=\n== |\Z)", capsys.readouterr().out, re.DOTALL
    )
    assert stock(reserved) == stock(begun) - 1
    price = prices(begun)[0]
    assert prices(shown_after)[:2] == [round(price * Decimal("1.2"), 2), price]
    # Less the voucher, with the delivery.
    assert prices(ordered)[-1] == price * Decimal("0.9") + 350


def test_a_messenger_and_a_crm_are_told_of_an_order(
    filled: Sandbox,
    services: demo_crm.Services,
    browser: webdriver.Chrome,
    capsys: pytest.CaptureFixture[str],
) -> None:
    deal = demo_crm.show(demo_orders.Visitor(filled.url), services)
    chat, news, crm = re.findall(r"== .*?(?=\n== |\Z)", capsys.readouterr().out, re.DOTALL)
    number = re.search(r"Заказ № (\d+)", crm)
    assert number is not None
    assert "demo_shop_bot: " in chat
    assert news.count(f"№ {number[1]}") == 2
    for text in ("Customer:  Анна Ли", "Stage:     EXECUTING", "Заказ оформлен"):
        assert text in crm
    browser.get(deal)
    assert browser.find_element(By.TAG_NAME, "h1").text == number[0]
    follow(browser, browser.find_element(By.LINK_TEXT, "Анна Ли"))
    assert "anna@example.com" in browser.find_element(By.TAG_NAME, "table").text
    assert browser.find_elements(By.LINK_TEXT, number[0])
    browser.get(services.telegram.address)
    assert f"№ {number[1]}" in browser.find_element(By.TAG_NAME, "body").text


def stock(text: str) -> int:
    """In all places together."""
    [line] = re.findall(r"Stock:(.*)", text)
    return sum(map(int, re.findall(r": (\d+)", line)))


def prices(text: str) -> list[Decimal]:
    found = re.findall(r"([\d\s]+,\d\d)\s₽", text)
    return [Decimal(re.sub(r"\s", "", price).replace(",", ".")) for price in found]
