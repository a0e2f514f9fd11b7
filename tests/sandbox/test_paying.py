"""A buyer of the mini-shop pays by a provider."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from saleor_1c_plugin.payments import operations, sessions
from saleor_1c_plugin.payments.models import Attempt
from saleor_1c_plugin.payments.yookassa.provider import YooKassa as Provider
from saleor_1c_plugin.sandbox.models import Order, Remark
from saleor_1c_plugin.sandbox.payments import SandboxPaymentStore
from saleor_1c_plugin.store.orders import PaymentKind
from saleor_1c_plugin.store.payments import Action, Report, ReportKind, Session
from saleor_1c_plugin.store.ports import StoreError
from tests.browsing import follow
from tests.payments.requisites import REQUISITES
from tests.payments.standins import buyers
from tests.payments.standins.webmoney import WebMoney
from tests.payments.standins.yookassa import YooKassa
from tests.serving import served

from .test_buying import check_out, ordered, put

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

GATEWAY = "saleor1c.yookassa"
BACK = {"returnUrl": "https://shop.example/thanks"}


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


def test_what_is_owed_is_less_what_was_paid_otherwise(yookassa: YooKassa, buyer: Client) -> None:
    store, order = SandboxPaymentStore(), Order.objects.get()
    press(buyer)
    name = Attempt.objects.get().transaction
    whole = store.bill(GATEWAY, name)
    assert whole is not None
    assert (whole.owed, [*whole.taken]) == (owed(), [name])
    order.payments.create(
        kind=PaymentKind.CHARGE,
        amount=Decimal("10.50"),
        at=order.created,
        reference="1C",
        from_onec=True,
    )
    Order.objects.update(gift_card_amount=Decimal("5"))
    rest = store.bill(GATEWAY, name)
    assert rest is not None
    assert rest.owed == owed() - Decimal("15.50")
    assert store.bill(GATEWAY, "9d9c8a3e-6f7b-4a51-8f3e-0a1b2c3d4e5f.1") is None


def test_an_order_that_is_paid_in_two_windows(
    yookassa: YooKassa, buyer: Client, settings: Any
) -> None:
    payments = {"duplicates": "refund"}
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "payments": payments}
    key = Order.objects.get().key
    windows = [
        Session(f"{key}.{number}", "", str(key), "default-channel", owed(), "RUB", given=BACK)
        for number in (1, 2)
    ]
    for window in windows:
        sessions.pay(Provider(), window)
    for payment in yookassa.payments:
        yookassa.pay(payment)
    for window in windows:
        sessions.pay(Provider(), window)
    assert ordered().paid == owed() == yookassa.book.balance()
    assert yookassa.book.refunded() == owed()
    assert "paid twice" in Remark.objects.get().text


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


def test_a_buyer_goes_to_a_provider_that_wants_a_form(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch, buyer: Client
) -> None:
    saved = {"purse": "P123456789012", "wmid": "123456789012", "secret_key": "webmoney-secret-key"}
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "webmoney": saved}
    with WebMoney() as webmoney:
        monkeypatch.setenv("ONEC_WEBMONEY_API", webmoney.address)
        (form,) = html.fromstring(press(buyer).content).xpath(
            f'//form[@action="{webmoney.address}/lmi/payment_utf.asp"]'
        )
        confirmation = {"method": form.method, "url": form.action, "fields": dict(form.fields)}
        back = buyers.pay_form(confirmation)
        assert back.endswith(reverse("order", args=[Order.objects.get().key]))
        look(buyer)
    assert moves() == [(PaymentKind.CHARGE, owed())]


def test_a_buyer_chooses_among_several_ways(
    yookassa: YooKassa, buyer: Client, settings: Any
) -> None:
    more: dict[str, object] = {"invoice": dict(REQUISITES), "on_delivery": {}}
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, **more}
    shown = look(buyer).content.decode()
    for way in ("yookassa ", "invoice ", "on_delivery cash", "on_delivery card"):
        assert f'value="{way}"' in shown
    key = Order.objects.get().key
    away = buyer.post(reverse("pay", args=[key]), {"way": "on_delivery card"})
    assert away["Location"] == reverse("order", args=[key])
    shown = look(buyer).content.decode()
    assert "Карта при получении" in shown
    assert 'name="way"' not in shown
    assert moves() == [(PaymentKind.PROMISED, owed())]
    assert not yookassa.payments


def test_a_buyer_is_shown_an_invoice(transactional_db: None, buyer: Client, settings: Any) -> None:
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "invoice": dict(REQUISITES)}
    away = press(buyer)["Location"]
    text = buyer.get(away).content.decode()
    assert "Счёт на оплату" in text
    assert "Анна Ли" in text
    assert away in look(buyer).content.decode()
    # Pressed again, it is the same one.
    press(buyer)
    assert Attempt.objects.count() == 1


def test_a_browser_goes_to_the_provider_s_page_and_comes_back_paid(
    yookassa: YooKassa, buyer: Client, browser: "Chrome"
) -> None:
    with served() as url:
        order = f"{url}{reverse('order', args=[Order.objects.get().key])}"
        browser.get(order)
        follow(browser, browser.find_element("id", "pay"))
        assert browser.current_url.startswith(yookassa.address)
        follow(browser, browser.find_element("css selector", "button[value=pay]"))
        assert browser.current_url == order
        assert not browser.find_elements("id", "pay")
        assert "Банковская карта" in browser.find_element("id", "payments").text
    assert moves() == [(PaymentKind.CHARGE, owed())]
    assert yookassa.book.balances() == {next(iter(yookassa.payments)): owed()}
