"""Invoices: made out once, paid when 1C says so, void when their time is over."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.payments.invoice.models import Invoice
from saleor_1c_plugin.payments.invoice.qr import payload
from saleor_1c_plugin.payments.invoice.settings import InvoiceSettings, Requisites
from saleor_1c_plugin.payments.models import Attempt, Operation
from saleor_1c_plugin.payments.provider import Status
from saleor_1c_plugin.payments.sessions import Answer, Unusable
from saleor_1c_plugin.sandbox.models import Remark
from saleor_1c_plugin.store.orders import PaymentKind
from saleor_1c_plugin.store.payments import Action

from .promising import OWED, Counter, books_of, bring, configured
from .requisites import REQUISITES

PROMISED, CHARGE, REFUND = PaymentKind.PROMISED, PaymentKind.CHARGE, PaymentKind.REFUND


@pytest.fixture
def office(transactional_db: None, settings: Any) -> Counter:
    configured(settings, invoice=dict(REQUISITES))
    return Counter("invoice")


@pytest.fixture
def wary(transactional_db: None, settings: Any) -> Counter:
    """Of a merchant who does not rely on what companies promise."""
    configured(settings, invoice={**REQUISITES, "relied_on": "false"})
    return Counter("invoice")


def confirmation(answer: Answer) -> dict[str, Any]:
    found = answer.data["confirmation"]
    assert isinstance(found, dict)
    return found


def page(answer: Answer) -> str:
    response = Client().get(confirmation(answer)["url"])
    assert response.status_code == 200
    return response.content.decode()


def test_an_invoice_is_made_out_once(office: Counter) -> None:
    answer = office.promise()
    assert (answer.status, answer.amount) == (Status.AUTHORISED, OWED)
    invoice = Invoice.objects.get()
    told = confirmation(answer)
    issued = invoice.issued
    assert told["type"] == "invoice"
    assert (told["number"], told["amount"]) == (str(invoice.pk), "500.00")
    assert date.fromisoformat(told["validUntil"]) == issued + timedelta(days=5)
    assert told["requisites"]["correspondentAccount"] == "30101810400000000225"
    assert told["purpose"] == f"Оплата по счёту № {invoice.pk} от {issued:%d.%m.%Y}"
    assert told["qr"] == (
        "ST00012|Name=ООО «Ромашка»|PersonalAcc=40702810200000012345"
        "|BankName=ПАО Сбербанк, г. Москва|BIC=044525225|CorrespAcc=30101810400000000225"
        f"|Sum=50000|Purpose={told['purpose']}|PayeeINN=7707083893|KPP=773601001"
    )
    assert office.promise() == answer
    assert Invoice.objects.count() == 1


def test_1c_hears_of_the_invoice_and_of_no_money(office: Counter) -> None:
    office.promise()
    container = office.document()
    assert not container.others
    order = container.order
    assert order.requisite("Метод оплаты") == "Безналичный перевод по счёту"
    assert order.requisite("Номер счёта на оплату") == str(Invoice.objects.get().pk)
    assert order.requisite("Заказ оплачен") == "false"
    for name in ("Авторизовано", "Сумма оплаты", "Дата оплаты"):
        assert not order.requisite(name)


def test_1c_tells_of_it_in_two_parts_and_hears_nothing_back(office: Counter) -> None:
    answer = office.promise()
    books = books_of(office)
    for part, status in ((Decimal(200), Status.AUTHORISED), (Decimal(300), Status.CHARGED)):
        books.pay(office.order_id, part)
        assert not bring(books, office).problems
        assert office.attempt.status == status
        assert not office.is_news()
        # Told once more, it is the same money.
        bring(books, office)
    assert office.moves() == [(CHARGE, Decimal(200)), (CHARGE, Decimal(300))]
    assert office.attempt.charged == OWED
    assert not office.document().others
    assert office.document().order.requisite("Заказ оплачен") == "true"
    assert ">Оплачен<" in page(answer)


def test_money_that_1c_does_not_name_is_what_is_owed(office: Counter) -> None:
    """An older 1C only says that the order is paid."""
    office.promise()
    books = books_of(office)
    books.pay(office.order_id, Decimal(200))
    bring(books, office)
    assert not office.onec_says_paid().problems
    assert office.attempt.status == Status.CHARGED
    assert office.order.paid == OWED


def test_a_payment_with_the_invoice_s_number_is_one(office: Counter) -> None:
    office.promise()
    assert not office.onec(OWED, "pay-1", number=str(Invoice.objects.get().pk)).problems
    assert office.attempt.status == Status.CHARGED


def test_1c_gives_back(office: Counter) -> None:
    office.promise()
    office.onec(OWED, "all")
    assert not office.refund(OWED, "back").problems
    assert office.moves() == [(CHARGE, OWED), (REFUND, OWED)]
    assert Operation.objects.get(kind=Operation.Kind.REFUND).state == Operation.State.DONE


def test_an_invoice_whose_time_is_over_is_void(office: Counter) -> None:
    answer = office.promise()
    office.pass_days(5)
    assert office.attempt.status == Status.AUTHORISED
    office.pass_days(1)
    attempt = office.attempt
    assert (attempt.status, attempt.next_poll) == (Status.CANCELLED, None)
    assert not office.moves()
    text = page(answer)
    assert "не оплачивайте" in text
    assert "<svg" not in text
    assert office.promise().status is Status.CANCELLED
    office.pass_days(30)
    assert not Message.objects.exclude(state=Message.State.DELIVERED).exists()


def test_a_transfer_that_comes_late_has_paid_it_all_the_same(office: Counter) -> None:
    office.promise()
    office.onec(100, "in time")
    office.pass_days(6)
    assert (office.attempt.status, office.attempt.charged) == (Status.CHARGED, Decimal(100))
    assert office.moves() == [(CHARGE, Decimal(100))]
    office.onec(400, "late")
    assert office.attempt.charged == OWED
    assert {payment.gateway for payment in office.order.payments} == {office.gateway}


def test_an_invoice_that_is_off_now_is_paid_and_ends(office: Counter, settings: Any) -> None:
    office.promise()
    configured(settings, invoice=None)
    office.onec(100, "in time")
    assert office.attempt.charged == 100
    office.pass_days(6)
    assert office.attempt.status == Status.CHARGED


def test_a_wary_merchant_waits_for_the_money(wary: Counter) -> None:
    began = wary.promise()
    assert began.status is Status.PENDING
    assert confirmation(began)["type"] == "invoice"
    assert not wary.moves()
    # Staff see that there is an invoice.
    assert "Безналичный перевод по счёту" in Remark.objects.get().text
    wary.onec(200, "part-1")
    assert wary.attempt.status == Status.PENDING
    wary.onec(300, "part-2")
    assert wary.attempt.status == Status.CHARGED
    assert wary.moves() == [(CHARGE, Decimal(200)), (CHARGE, Decimal(300))]


def test_a_wary_merchant_s_staff_take_and_let_go(wary: Counter) -> None:
    wary.promise()
    # A transaction that nothing is authorised of has no amount for the buttons of the shop.
    wary.staff(Action.CHARGE, Decimal(0))
    assert wary.moves() == [(CHARGE, OWED)]
    wary.promise(2)
    assert wary.attempt.status == Status.PENDING
    wary.pass_days(6)
    assert wary.attempt.status == Status.CANCELLED
    assert "charge_failed" in Remark.objects.latest("pk").text


def test_the_page_is_an_invoice_that_can_be_printed(office: Counter) -> None:
    answer = office.promise(payer="<b>АО</b>  «Чужие»")
    response = Client().get(confirmation(answer)["url"])
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    text = response.content.decode()
    number = Invoice.objects.get().pk
    assert f"Счёт на оплату № {number}" in text
    for expected in (
        *("ООО «Ромашка»", "7707083893", "773601001", "044525225", "40702810200000012345"),
        *("500,00", "Пятьсот рублей, ноль копеек", "Оплата заказа № 7", "<svg"),
    ):
        assert expected in text
    # Whoever pays has written this.
    assert "&lt;b&gt;АО&lt;/b&gt; «Чужие»" in text
    assert "<b>АО" not in text
    # Nothing is asked of anybody else.
    assert not re.search(r"""(src|href)=["']?\w""", text)


def test_without_the_link_there_is_no_page(office: Counter) -> None:
    url = confirmation(office.promise())["url"]
    number = Invoice.objects.get().pk
    for guessed in (
        url.replace(f"/{number}:", f"/{number + 1}:"),
        url[:-3] + "/",
        re.sub(r":.*", "/", url),
        re.sub(r"\d+:.*", ":/", url),
    ):
        assert Client().get(guessed).status_code == 404
    assert Client().post(url).status_code == 405
    assert Client().post("/payments/invoice/", {"paid": "true"}).status_code == 404


def test_the_merchant_moves_and_the_invoice_stays(office: Counter, settings: Any) -> None:
    answer = office.promise()
    configured(settings, invoice={**REQUISITES, "name": "ООО «Лютик»"})
    assert confirmation(office.promise()) == confirmation(answer)
    assert "Ромашка" in page(answer)


def test_an_invoice_is_in_roubles(office: Counter) -> None:
    refused = office.promise(currency="USD")
    assert refused.status is Status.CANCELLED
    assert "RUB" in refused.message
    assert not Invoice.objects.exists()


def test_a_payer_is_a_text(office: Counter) -> None:
    with pytest.raises(Unusable):
        office.promise(payer=["ООО"])
    assert not Attempt.objects.exists()


def test_what_would_break_the_code_is_taken_out_of_it() -> None:
    text = payload(Requisites(name="А|Sum=1", account="1"), Decimal("0.07"), "x" * 300)
    assert text.count("|Sum=") == 1
    assert "Name=А/Sum=1|" in text
    assert "|Sum=7|" in text
    assert "|CorrespAcc=0|" in text
    assert "KPP" not in text
    assert f"Purpose={'x' * 210}" in text
    assert "x" * 211 not in text


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"name": ""}, "name"),
        ({"inn": "7707083894"}, "inn"),
        ({"kpp": "77"}, "kpp"),
        ({"kpp": ""}, "kpp"),
        ({"bic": "04452522"}, "bic"),
        # A slip of the pen in either.
        ({"account": "40702810200000012346"}, "account"),
        ({"correspondent_account": "30101810400000000226"}, "correspondent_account"),
        ({"account": ""}, "account"),
        ({"days": "0"}, "days"),
        ({"purpose": "{order}"}, "purpose"),
        ({"purpose": "{number"}, "purpose"),
        ({"purpose": "x" * 151}, "purpose"),
        ({"time_zone": "Nowhere"}, "time_zone"),
        ({"relied_on": "perhaps"}, "relied_on"),
    ],
)
def test_settings_that_can_not_be_used(changed: dict[str, str], key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        InvoiceSettings.from_configuration({**REQUISITES, **changed})
    assert caught.value.faults.keys() == {key}


def test_settings() -> None:
    # Before the plugin is switched on nothing need be there.
    assert InvoiceSettings.from_configuration({}, complete=False).days == 5
    trader = {**REQUISITES, "inn": "500100732259", "kpp": "", "name": "ИП Ли"}
    assert InvoiceSettings.from_configuration(trader).requisites.kpp == ""
    treasury = {
        **REQUISITES,
        "account": "03100643000000017300",
        "correspondent_account": "40102810545370000003",
    }
    assert InvoiceSettings.from_configuration(treasury).requisites.account
    spaced = {**REQUISITES, "account": "40702 810 2 0000 0012345", "purpose": "  За  {about} "}
    settings = InvoiceSettings.from_configuration(spaced)
    assert settings.requisites.account == "40702810200000012345"
    assert settings.purpose_of(7, date(2026, 11, 25), "заказ {date}") == "За заказ {date}"
