"""A buyer of the mini-shop pays by a provider."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from saleor_1c_plugin.payments import operations
from saleor_1c_plugin.payments.models import Attempt
from saleor_1c_plugin.payments.yookassa.provider import YooKassa as Provider
from saleor_1c_plugin.sandbox.models import Order, Remark
from saleor_1c_plugin.sandbox.payments import SandboxPaymentStore
from saleor_1c_plugin.store.orders import PaymentKind
from saleor_1c_plugin.store.payments import Action, Report, ReportKind
from saleor_1c_plugin.store.ports import StoreError
from tests.payments.standins import buyers
from tests.payments.standins.yookassa import YooKassa
from tests.serving import served

from .test_buying import check_out, ordered, put

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

GATEWAY = "saleor1c.yookassa"


@pytest.fixture
def yookassa(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[YooKassa]:
    saved = {"shop_id": "100500", "secret_key": "test_secret-key", "networks": "127.0.0.1"}
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "yookassa": saved}
    with YooKassa() as server:
        monkeypatch.setenv("ONEC_YOOKASSA_API", server.url)
        yield server


@pytest.fixture
def buyer() -> Client:
    client = Client()
    put(client)
    check_out(client)
    return client


def press(client: Client) -> Any:
    return client.post(reverse("pay", args=[Order.objects.get().key]))


def look(client: Client) -> Any:
    return client.get(reverse("order", args=[Order.objects.get().key]))


def moves() -> list[tuple[PaymentKind, Decimal]]:
    return [(payment.kind, payment.amount) for payment in ordered().payments]


def owed() -> Decimal:
    return ordered().total_gross


def test_a_buyer_goes_to_the_provider_and_comes_back(yookassa: YooKassa, buyer: Client) -> None:
    away = press(buyer)
    assert away.status_code == 302
    assert away["Location"].startswith(yookassa.address)
    # Pressed twice it is one payment.
    assert press(buyer)["Location"] == away["Location"]
    assert not moves()
    back = buyers.pay(away["Location"])
    assert back.endswith(reverse("order", args=[Order.objects.get().key]))
    assert 'id="pay"' not in look(buyer).content.decode()
    assert moves() == [(PaymentKind.CHARGE, owed())]
    (payment,) = ordered().payments
    assert (payment.gateway, payment.reference) == (GATEWAY, *yookassa.payments)
    assert press(buyer)["Location"] == reverse("order", args=[Order.objects.get().key])
    assert len(yookassa.payments) == 1


def test_the_provider_s_news_are_enough(yookassa: YooKassa, buyer: Client) -> None:
    press(buyer)
    (payment,) = yookassa.payments.values()
    yookassa.pay(payment.id)
    told = {"type": "notification", "event": "payment.succeeded", "object": payment.json()}
    for status, address in ((404, "nobody"), (200, "yookassa"), (200, "yookassa")):
        answer = Client(enforce_csrf_checks=True).post(
            reverse("notified", args=[address]), json.dumps(told), content_type="application/json"
        )
        assert answer.status_code == status
    assert moves() == [(PaymentKind.CHARGE, owed())]


def test_after_a_card_that_was_declined_another_pays(yookassa: YooKassa, buyer: Client) -> None:
    buyers.decline(press(buyer)["Location"])
    assert 'id="pay"' in look(buyer).content.decode()
    assert not moves()
    assert "insufficient_funds" in Remark.objects.get().text
    buyers.pay(press(buyer)["Location"])
    look(buyer)
    assert moves() == [(PaymentKind.CHARGE, owed())]
    assert len(yookassa.payments) == 2


def test_held_money_is_taken_in_part_and_given_back(
    yookassa: YooKassa, buyer: Client, settings: Any
) -> None:
    saved = {**settings.ONEC_CONFIGURATION["yookassa"], "two_stage": "true"}
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "yookassa": saved}
    buyers.pay(press(buyer)["Location"])
    look(buyer)
    assert moves() == [(PaymentKind.AUTHORISED, owed())]
    # What is held is not asked for again.
    press(buyer)
    assert len(yookassa.payments) == 1
    name = Attempt.objects.get().transaction
    part = Decimal("100.00")
    operations.request(Provider(), name, Action.CHARGE, part, "1")
    assert moves() == [(PaymentKind.CHARGE, part)]
    operations.request(Provider(), name, Action.REFUND, Decimal("40.00"), "2")
    assert moves() == [(PaymentKind.CHARGE, part), (PaymentKind.REFUND, Decimal("40.00"))]
    assert ordered().paid == Decimal("60.00")


def test_held_money_is_let_go(yookassa: YooKassa, buyer: Client) -> None:
    key = Order.objects.get().key
    store = SandboxPaymentStore()
    held = Report(f"{key}.1", ReportKind.AUTHORISED, Decimal(10), "p")
    gone = Report(f"{key}.1", ReportKind.CANCELLED, Decimal(10), "p")
    assert [store.report(GATEWAY, one) for one in (held, held, gone, gone)] == [
        *(True, False),
        *(True, False),
    ]
    assert not moves()


@pytest.mark.parametrize("name", ["", "x.1", "9d9c8a3e-6f7b-4a51-8f3e-0a1b2c3d4e5f.1"])
def test_a_transaction_of_no_order(yookassa: YooKassa, name: str) -> None:
    with pytest.raises(StoreError):
        SandboxPaymentStore().report(GATEWAY, Report(name, ReportKind.CHARGED, Decimal(10), "p"))


def test_a_fact_is_known_by_its_amount_too(yookassa: YooKassa, buyer: Client) -> None:
    store, name = SandboxPaymentStore(), f"{Order.objects.get().key}.1"
    assert store.report(GATEWAY, Report(name, ReportKind.CHARGED, Decimal(10), "p"))
    assert not store.report(GATEWAY, Report(name, ReportKind.CHARGED, Decimal(10), "p"))
    with pytest.raises(StoreError):
        store.report(GATEWAY, Report(name, ReportKind.CHARGED, Decimal(11), "p"))
    assert moves() == [(PaymentKind.CHARGE, Decimal(10))]


def test_a_browser_goes_to_the_provider_s_page_and_comes_back_paid(
    yookassa: YooKassa, buyer: Client, browser: "Chrome"
) -> None:
    with served() as url:
        order = f"{url}{reverse('order', args=[Order.objects.get().key])}"
        browser.get(order)
        browser.find_element("id", "pay").click()
        assert browser.current_url.startswith(yookassa.address)
        browser.find_element("css selector", "button[value=pay]").click()
        assert browser.current_url == order
        assert not browser.find_elements("id", "pay")
        assert "Банковская карта" in browser.find_element("id", "payments").text
    assert moves() == [(PaymentKind.CHARGE, owed())]
    assert yookassa.book.balances() == {next(iter(yookassa.payments)): owed()}
