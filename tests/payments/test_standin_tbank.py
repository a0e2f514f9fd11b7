"""T-Bank's stand-in: what tests of payments lean on has to be right itself."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from saleor_1c_plugin.sandbox.standins.faults import Fault

from .standins import buyers
from .standins.tbank import TBank
from .standins.tbank_objects import SOURCES, sign

TERMINAL, PASSWORD = "1321054611234DEMO", "Dfsfh56dgKl"
BACK = "http://shop.example/back?order=7"
_SECONDS = 30


class Client:
    def __init__(self, bank: TBank) -> None:
        self._url = bank.url

    def ask(self, method: str, password: str = PASSWORD, **fields: Any) -> dict[str, Any]:
        body = {"TerminalKey": TERMINAL, **fields}
        body.setdefault("Token", sign(body, password))
        answer = requests.post(f"{self._url}/{method}", json=body, timeout=_SECONDS)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    def code(self, method: str, **fields: Any) -> str:
        answer = self.ask(method, **fields)
        assert answer["Success"] is (answer["ErrorCode"] == "0")
        return str(answer["ErrorCode"])

    def create(self, amount: int = 10000, **fields: Any) -> dict[str, Any]:
        return self.ask(
            "Init", Amount=amount, OrderId="o-1", SuccessURL=BACK, FailURL=BACK, **fields
        )

    def state(self, payment: str) -> tuple[str, int]:
        told = self.ask("GetState", PaymentId=payment)
        return told["Status"], told["Amount"]


@pytest.fixture
def bank() -> Iterator[TBank]:
    with TBank() as server:
        yield server


@pytest.fixture
def client(bank: TBank) -> Client:
    return Client(bank)


def test_the_tokens_of_the_documentation() -> None:
    asked = {
        "TerminalKey": "MerchantTerminalKey",
        "Amount": 19200,
        "OrderId": "21090",
        "Description": "Подарочная карта на 1000 рублей",
        "DATA": {"Phone": "+71234567890", "Email": "a@test.com"},
        "Receipt": {"Email": "a@test.ru", "Items": [{"Name": "Наименование товара 1"}]},
        "Token": "to be left out",
    }
    expected = "0024a00af7c350a3a67ca168ce06502aa72772456662e38696d48b56ee9c97d9"
    assert sign(asked, "usaf8fw8fsw21g") == expected
    told = {
        "TerminalKey": "1321054611234DEMO",
        "OrderId": "201709",
        "Success": True,
        "Status": "AUTHORIZED",
        "PaymentId": 8742591,
        "ErrorCode": "0",
        "Amount": 9855,
        "CardId": 322264,
        "Pan": "430000******0777",
        "ExpDate": "1122",
        "RebillId": 101709,
    }
    expected = "b906d28e76c6428e37b25fcf86c0adc52c63d503013fdd632e300593d165766b"
    assert sign(told, "Dfsfh56dgKl") == expected


@pytest.mark.parametrize(
    ("method", "fields", "code"),
    [
        ("Init", {"Amount": 0, "OrderId": "a"}, "251"),
        ("Init", {"Amount": 100, "OrderId": "a" * 37}, "212"),
        ("Init", {"Amount": 100, "OrderId": "a", "Description": "я" * 141}, "213"),
        ("Init", {"Amount": 100, "OrderId": "a", "PayType": "X"}, "1"),
        ("Init", {"Amount": 100, "OrderId": "a", "SuccessURL": "shop"}, "1"),
        ("Init", {"Amount": 100, "OrderId": "a", "DATA": {}}, "207"),
        ("Init", {"Amount": 100, "OrderId": "a", "DATA": {"a": "b" * 101}}, "209"),
        ("Init", {"Amount": 100, "OrderId": "a", "RedirectDueDate": "tomorrow"}, "12"),
        ("Init", {"Amount": 100}, "201"),
        ("Init", {"Amount": 100, "OrderId": "a", "Token": "0" * 64}, "204"),
        ("GetState", {"PaymentId": "5"}, "255"),
        ("GetState", {"PaymentId": "5", "TerminalKey": "another"}, "205"),
        ("CheckOrder", {"OrderId": "a"}, "335"),
    ],
)
def test_what_is_refused(client: Client, method: str, fields: dict[str, Any], code: str) -> None:
    assert client.code(method, **fields) == code


def test_what_is_not_described_is_noticed(bank: TBank, client: Client) -> None:
    assert client.code("Init", Amount=100, OrderId="a", Adress="x") == "1"
    assert client.code("Init", Amount="100", OrderId="a") == "1"
    assert [one.where for one in bank.violations] == ["Adress", "Amount"]
    bank.violations.clear()


@pytest.mark.parametrize("source", SOURCES)
def test_a_payment_in_one_stage(bank: TBank, client: Client, source: str) -> None:
    made = client.create()
    assert (made["Status"], client.state(made["PaymentId"])) == ("NEW", ("NEW", 10000))
    requests.get(made["PaymentURL"], timeout=_SECONDS)
    assert client.state(made["PaymentId"])[0] == "FORM_SHOWED"
    bank.pay(made["PaymentId"], source)
    told = client.ask("GetState", PaymentId=made["PaymentId"])
    assert (told["Status"], told["Params"][1]["Value"]) == ("CONFIRMED", source)
    assert bank.book.balance(made["PaymentId"]) == 100
    assert bank.book.held() == 0


def test_buyers_are_sent_back(bank: TBank, client: Client) -> None:
    first, second = client.create(), client.create()
    assert buyers.pay(first["PaymentURL"]) == BACK
    assert buyers.decline(second["PaymentURL"]) == BACK
    told = client.ask("CheckOrder", OrderId="o-1")["Payments"]
    assert [(one["Status"], one["Success"]) for one in told] == [
        ("CONFIRMED", "true"),
        ("REJECTED", "false"),
    ]
    bank.unique_orders = True
    assert client.create()["ErrorCode"] == "20"


def test_money_that_is_held(bank: TBank, client: Client) -> None:
    payment = client.create(PayType="T")["PaymentId"]
    assert client.code("Confirm", PaymentId=payment) == "8"
    bank.pay(payment)
    assert client.state(payment) == ("AUTHORIZED", 10000)
    assert client.code("Confirm", PaymentId=payment, Amount=10001) == "330"
    assert client.ask("Confirm", PaymentId=payment, Amount=6040)["Status"] == "CONFIRMED"
    assert client.code("Confirm", PaymentId=payment, Amount=6040) == "8"
    assert (bank.book.charged(), bank.book.held()) == (Decimal("60.40"), 0)


def test_money_that_is_let_go(bank: TBank, client: Client) -> None:
    first, second, third = (client.create(PayType="T")["PaymentId"] for _ in range(3))
    assert client.ask("Cancel", PaymentId=first)["Status"] == "CANCELED"
    for payment in (second, third):
        bank.pay(payment)
    assert client.ask("Cancel", PaymentId=second, Amount=1000)["Status"] == "PARTIAL_REVERSED"
    assert client.ask("Cancel", PaymentId=second, Amount=9000)["Status"] == "REVERSED"
    bank.later(timedelta(days=7))
    assert client.state(third)[0] == "REVERSED"
    assert bank.book.held() == bank.book.charged() == 0


def test_a_refund_is_known_again_unless_it_is_sbps(bank: TBank, client: Client) -> None:
    card, sbp = client.create()["PaymentId"], client.create()["PaymentId"]
    client.ask("GetQr", PaymentId=sbp)
    for payment in (card, sbp):
        bank.pay(payment)
        for _ in range(2):
            told = client.ask("Cancel", PaymentId=payment, Amount=1000, ExternalRequestId="r")
            assert told["Status"] == "PARTIAL_REFUNDED"
    assert client.state(card) == ("PARTIAL_REFUNDED", 9000)
    assert client.state(sbp) == ("PARTIAL_REFUNDED", 8000)
    assert client.code("Cancel", PaymentId=card, Amount=9001) == "330"
    told = client.ask("Cancel", PaymentId=card, Amount=9000)
    assert (told["Status"], told["OriginalAmount"], told["NewAmount"]) == ("REFUNDED", 9000, 0)
    bank.account = 0
    assert client.code("Cancel", PaymentId=sbp, Amount=1) == "3002"
    assert bank.book.balances() == {card: 0, sbp: 80}


def test_sbp_takes_its_time(bank: TBank, client: Client) -> None:
    assert client.code("GetQr", PaymentId=client.create(999)["PaymentId"]) == "3016"
    assert client.code("GetQr", PaymentId=client.create(PayType="T")["PaymentId"]) == "3001"
    payment = client.create()["PaymentId"]
    link = client.ask("GetQr", PaymentId=payment, DataType="PAYLOAD")["Data"]
    buyers.pay(link)
    bank.refunds_wait = True
    assert client.ask("Cancel", PaymentId=payment)["Status"] == "ASYNC_REFUNDING"
    assert client.code("Cancel", PaymentId=payment) == "8"
    bank.fail_refund(payment)
    assert client.state(payment) == ("CONFIRMED", 10000)
    assert client.ask("GetQrState", PaymentId=payment)["QrCancelCode"] == "I05043"
    client.ask("Cancel", PaymentId=payment)
    bank.settle_refund(payment)
    assert client.state(payment) == ("REFUNDED", 0)
    assert bank.book.balance() == 0


def test_links_run_out(bank: TBank, client: Client) -> None:
    payment = client.create()["PaymentId"]
    bank.later(timedelta(days=1))
    assert client.state(payment)[0] == "DEADLINE_EXPIRED"
    bank.pay(payment)
    assert bank.book.entries == []


def test_faults(bank: TBank, client: Client) -> None:
    for fault in Fault:
        bank.faults.script.append(fault)
        try:
            told: Any = client.create()
        except (requests.RequestException, AssertionError):
            told = None
        assert told is None or told["ErrorCode"] == "9999"
    # Two of the five come before anything is done.
    assert len(bank.payments) == 3
