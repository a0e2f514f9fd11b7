"""WebMoney's stand-in: what tests of payments lean on has to be right itself."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
import requests
from lxml import etree

from saleor_1c_plugin.sandbox.standins.faults import Fault

from .standins import buyers
from .standins.webmoney import X18, Refusal, WebMoney

PURSE, WMID, KEY = "P123456789012", "123456789012", "webmoney-secret-key"
FIELDS = {
    "LMI_PAYEE_PURSE": PURSE,
    "LMI_PAYMENT_AMOUNT": "100.50",
    "LMI_PAYMENT_NO": "17",
    "LMI_PAYMENT_DESC_BASE64": b64encode("Заказ".encode()).decode(),
    "LMI_SUCCESS_URL": "http://shop.example/back?order=7",
    "LMI_FAIL_URL": "http://shop.example/sorry",
    "ORDER": "7",
}


@pytest.fixture
def webmoney() -> Iterator[WebMoney]:
    with WebMoney() as server:
        yield server


def look(server: WebMoney, number: str = "17", key: str = KEY, wmid: str = WMID) -> etree._Element:
    """What X18 answers."""
    signature = hashlib.sha256(f"{wmid}{PURSE}{number}{key}".encode()).hexdigest()
    root = etree.Element("merchant.request")
    for tag, text in (
        *(("wmid", wmid), ("lmi_payee_purse", PURSE), ("lmi_payment_no", number)),
        *(("lmi_payment_no_type", "1"), ("sha256", signature)),
    ):
        etree.SubElement(root, tag).text = text
    answer = requests.post(server.address + X18, data=etree.tostring(root), timeout=30)
    answer.raise_for_status()
    return etree.fromstring(answer.content)


def test_a_payment_by_the_page(webmoney: WebMoney) -> None:
    assert look(webmoney).findtext("retval") == "8"
    form = {"method": "POST", "url": f"{webmoney.address}/lmi/payment_utf.asp", "fields": FIELDS}
    assert buyers.pay_form(form) == "http://shop.example/back?order=7"
    found = look(webmoney)
    assert (found.findtext("retval"), found.findtext("operation/amount")) == ("0", "100.5")
    assert webmoney.book.balance() == Decimal("100.50")
    assert buyers.pay_form(form, "decline") == "http://shop.example/sorry"


def test_a_result_is_signed_and_brings_the_shop_s_own_fields_back(webmoney: WebMoney) -> None:
    payment = webmoney.open(FIELDS)
    assert look(webmoney).findtext("retval") == "9"
    told = dict(parse_qsl(webmoney.pay(payment).decode()))
    assert (told["ORDER"], told["LMI_MODE"], told["LMI_PAYMENT_NO"]) == ("7", "0", "17")
    order = (
        *("LMI_PAYEE_PURSE", "LMI_PAYMENT_AMOUNT", "LMI_PAYMENT_NO", "LMI_MODE"),
        *("LMI_SYS_INVS_NO", "LMI_SYS_TRANS_NO", "LMI_SYS_TRANS_DATE"),
    )
    values = [*(told[name] for name in order), KEY, told["LMI_PAYER_PURSE"], told["LMI_PAYER_WM"]]
    assert told["LMI_HASH2"] == hashlib.sha256(";".join(values).encode()).hexdigest().upper()
    assert told["LMI_HASH"] == hashlib.sha256("".join(values).encode()).hexdigest().upper()


def test_a_number_is_paid_once(webmoney: WebMoney) -> None:
    first, second = webmoney.open(FIELDS), webmoney.open(FIELDS)
    webmoney.pay(first)
    for payment in (first, second):
        with pytest.raises(Refusal):
            webmoney.pay(payment)
    webmoney.purses[PURSE].is_unique = False
    webmoney.pay(second)


def test_of_a_simulated_payment_x18_knows_nothing(webmoney: WebMoney) -> None:
    webmoney.purses[PURSE].is_test = True
    told = dict(parse_qsl(webmoney.pay(webmoney.open(FIELDS)).decode()))
    assert told["LMI_MODE"] == "1"
    assert look(webmoney).findtext("retval") == "8"
    assert webmoney.book.balance() == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LMI_PAYEE_PURSE", "P000000000000"),
        ("LMI_PAYMENT_AMOUNT", "100,50"),
        ("LMI_PAYMENT_AMOUNT", "100.505"),
        ("LMI_PAYMENT_AMOUNT", "0"),
        ("LMI_PAYMENT_NO", "2147483648"),
        ("LMI_PAYMENT_NO", "a17"),
        ("LMI_PAYMENT_DESC_BASE64", b64encode(b"x" * 256).decode()),
        ("LMI_SUCCESS_METHOD", "3"),
        ("LMI_SIM_MODE", "3"),
        ("LMI_UNHEARD_OF", "1"),
    ],
)
def test_a_form_that_is_not_as_documented(webmoney: WebMoney, name: str, value: str) -> None:
    with pytest.raises(Refusal):
        webmoney.open({**FIELDS, name: value})


def test_a_form_has_to_be_signed_where_the_purse_has_a_key_for_it(webmoney: WebMoney) -> None:
    webmoney.purses[PURSE].key_x20 = "x20"
    with pytest.raises(Refusal):
        webmoney.open(FIELDS)
    signature = hashlib.sha256(f"{PURSE};100.50;17;x20;".encode()).hexdigest()
    webmoney.open({**FIELDS, "LMI_PAYMENTFORM_SIGN": signature})


@pytest.mark.parametrize(
    ("values", "code"),
    [({"key": "wrong"}, "-7"), ({"wmid": "000000000000"}, "4"), ({"wmid": "x"}, "-2")],
)
def test_who_may_not_ask(webmoney: WebMoney, values: dict[str, str], code: str) -> None:
    assert look(webmoney, **values).findtext("retval") == code


def test_answers_are_lost(webmoney: WebMoney) -> None:
    webmoney.faults.script.append(Fault.DOWN)
    with pytest.raises(requests.HTTPError):
        look(webmoney)
