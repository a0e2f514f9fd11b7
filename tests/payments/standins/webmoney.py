"""WebMoney Merchant, by its documentation: the page of payment, and the interface X18.

In a purse's test mode payments are simulated: results are told, and X18 knows nothing of them. What
it does not play it refuses: other ways to pay than from a purse, signatures of WM Keeper.
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from html import escape
from urllib.parse import parse_qsl, urlencode

import requests
from lxml import etree

from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request

from .base import StandIn
from .book import Entry, Move
from .contract import Violation

X18 = "/conf/xml/XMLTransGet.asp"
_FORM = "/lmi/payment_utf.asp"
_DO = "/lmi/payment_do.asp"
_CURRENCIES = {"Z": "USD", "E": "EUR", "P": "RUB", "K": "KZT", "B": "BYN"}
_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_MOSCOW = timezone(timedelta(hours=3))
#: Of the form; further ones are the shop's own, and come back with the result.
_KNOWN = {
    *("LMI_PAYEE_PURSE", "LMI_PAYMENT_AMOUNT", "LMI_PAYMENT_NO", "LMI_PAYMENT_DESC"),
    *("LMI_PAYMENT_DESC_BASE64", "LMI_SIM_MODE", "LMI_PAYMENTFORM_SIGN", "LMI_HOLD"),
    *("LMI_SUCCESS_URL", "LMI_SUCCESS_METHOD", "LMI_FAIL_URL", "LMI_FAIL_METHOD"),
}
_SECONDS = 10
_FORM_TYPE = "application/x-www-form-urlencoded"


class Refusal(Exception):
    """What the page says instead of taking a payment."""


@dataclass
class Purse:
    """As it is set up in WebMoney Merchant.

    Attributes
    ----------
    key_x20
        Where it is set, a form has to be signed.
    asks
        The shop is asked before a payment.
    """

    wmid: str
    key: str
    key_x20: str = ""
    is_test: bool = False
    is_unique: bool = True
    asks: bool = True


@dataclass
class Payment:
    """What a buyer has the form of; it is made when `transaction` is set."""

    purse: str
    number: int
    amount: Decimal
    fields: Mapping[str, str]
    is_test: bool
    invoice: int
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    transaction: int = 0
    at: datetime | None = None
    is_refused: bool = False

    @property
    def currency(self) -> str:
        return _CURRENCIES[self.purse[0]]


class WebMoney(StandIn):
    """See the base.

    Parameters
    ----------
    purses
        By their numbers.
    """

    def __init__(
        self,
        purses: Mapping[str, Purse] | None = None,
        *,
        faults: Faults | None = None,
        senders: int = 1,
        port: int = 0,
    ) -> None:
        super().__init__(None, faults, senders, port)
        standard = {"P123456789012": Purse("123456789012", "webmoney-secret-key")}
        self.purses = dict(purses or standard)
        self.payments: list[Payment] = []
        #: What the shop has said to each question.
        self.answers: list[str] = []
        self._count = 300

    # What buyers do.

    def open(self, fields: Mapping[str, str]) -> Payment:
        """A buyer comes with the form; the shop is not asked yet.

        Raises
        ------
        Refusal
            The form can't be paid.
        """
        with self._lock:
            payment = self._opened(fields)
            self.payments.append(payment)
            return payment

    def question(self, payment: Payment) -> bytes:
        """What the shop is asked before a payment is made."""
        return urlencode({"LMI_PREREQUEST": "1", **self._common(payment)}).encode()

    def pay(self, payment: Payment) -> bytes:
        """The buyer pays; what the shop is told."""
        with self._lock:
            if payment.transaction:
                raise Refusal("It is paid")
            if self.purses[payment.purse].is_unique and self._made(payment.purse, payment.number):
                raise Refusal("A payment with this number was made")
            self._count += 1
            payment.transaction, payment.at = self._count, self.now()
            if not payment.is_test:
                self._write(payment)
            body = self.result(payment)
            self.tell("result", str(payment.number), body, {"Content-Type": _FORM_TYPE})
            return body

    def refuse_invoice(self, payment: Payment) -> None:
        """The buyer does not want to pay; nobody is told."""
        payment.is_refused = True

    def result(self, payment: Payment) -> bytes:
        """What the shop is told of a payment that was made."""
        assert payment.at is not None
        told = {
            **self._common(payment),
            "LMI_SYS_INVS_NO": str(payment.invoice),
            "LMI_SYS_TRANS_NO": str(payment.transaction),
            "LMI_SYS_TRANS_DATE": _time(payment.at),
            "LMI_PAYMENT_DESC": "Оплата",
            "LMI_LANG": "ru-RU",
        }
        told |= self.signatures(told)
        own = {key: value for key, value in payment.fields.items() if key not in _KNOWN}
        return urlencode({**told, **own}).encode()

    def signatures(self, told: Mapping[str, str], key: str = "") -> dict[str, str]:
        values = [
            *(told["LMI_PAYEE_PURSE"], told["LMI_PAYMENT_AMOUNT"]),
            *([told["LMI_HOLD"]] if "LMI_HOLD" in told else []),
            *(told["LMI_PAYMENT_NO"], told["LMI_MODE"], told["LMI_SYS_INVS_NO"]),
            *(told["LMI_SYS_TRANS_NO"], told["LMI_SYS_TRANS_DATE"]),
            key or self.purses[told["LMI_PAYEE_PURSE"]].key,
            *(told["LMI_PAYER_PURSE"], told["LMI_PAYER_WM"]),
        ]
        return {
            "LMI_HASH": hashlib.sha256("".join(values).encode()).hexdigest().upper(),
            "LMI_HASH2": hashlib.sha256(";".join(values).encode()).hexdigest().upper(),
        }

    def _common(self, payment: Payment) -> dict[str, str]:
        told = {
            "LMI_MODE": "1" if payment.is_test else "0",
            "LMI_PAYMENT_AMOUNT": payment.fields["LMI_PAYMENT_AMOUNT"],
            "LMI_PAYEE_PURSE": payment.purse,
            "LMI_PAYMENT_NO": str(payment.number),
            "LMI_PAYER_WM": "809399319852",
            "LMI_PAYER_PURSE": f"{payment.purse[0]}397656178472",
            "LMI_PAYER_IP": "203.0.113.7",
        }
        if "LMI_HOLD" in payment.fields:
            told["LMI_HOLD"] = payment.fields["LMI_HOLD"]
        return told

    def _opened(self, fields: Mapping[str, str]) -> Payment:
        name = fields.get("LMI_PAYEE_PURSE", "")
        purse = self.purses.get(name)
        if purse is None:
            raise Refusal("The purse is not set up")
        unknown = {key for key in fields if key.startswith("LMI_")} - _KNOWN
        amount, number = fields.get("LMI_PAYMENT_AMOUNT", ""), fields.get("LMI_PAYMENT_NO", "")
        if unknown or not _AMOUNT.fullmatch(amount) or not Decimal(amount):
            raise Refusal("Amount has two decimals and a point, and is more than 0")
        if not number.isdecimal() or int(number) > 2147483647:
            raise Refusal("Number is whole, to 2147483647")
        text = base64.b64decode(fields.get("LMI_PAYMENT_DESC_BASE64", ""), validate=True).decode()
        if not text or len(text) > 255:
            raise Refusal("Description is missing, or longer than 255 characters")
        if "LMI_SIM_MODE" in fields and fields["LMI_SIM_MODE"] not in ("0", "1", "2"):
            raise Refusal("Mode of simulation is 0, 1 or 2")
        for end in ("SUCCESS", "FAIL"):
            if fields.get(f"LMI_{end}_METHOD", "0") not in ("0", "1", "2"):
                raise Refusal("Method is 0, 1 or 2")
        if purse.key_x20:
            signed = [name, amount, *([fields["LMI_HOLD"]] if "LMI_HOLD" in fields else [])]
            text = ";".join([*signed, number, purse.key_x20, ""])
            if hashlib.sha256(text.encode()).hexdigest() != fields.get("LMI_PAYMENTFORM_SIGN"):
                raise Refusal("The form is not signed")
        self._count += 1
        return Payment(
            *(name, int(number), Decimal(amount), dict(fields), purse.is_test), invoice=self._count
        )

    def _made(self, purse: str, number: int) -> list[Payment]:
        """Really."""
        return [
            one
            for one in self.payments
            if (one.purse, one.number) == (purse, number) and one.transaction and not one.is_test
        ]

    def _write(self, payment: Payment) -> None:
        assert payment.at is not None
        reference = f"{payment.purse}-{payment.number}"
        entry = (Move.CHARGED, reference, reference, payment.amount, payment.currency, payment.at)
        self.book.add(Entry(*entry))

    # The API.

    def is_api(self, path: str) -> bool:
        return path == X18

    def admit(self, request: Request) -> Answer | None:
        return None

    def refuse(self, violation: Violation) -> Answer:
        raise NotImplementedError("There is no description to violate")

    def broken(self, status: int) -> Answer:
        return Answer(status, f"<html><h1>{status}</h1></html>".encode(), "text/html")

    def pass_time(self) -> None:
        """A form waits for its buyer for as long as he likes."""

    def act(self, request: Request) -> Answer:
        code, words, payment = self._found(request)
        root = etree.Element("merchant.response")
        if payment is not None:
            assert payment.at is not None
            ids = {"wmtransid": str(payment.transaction), "wminvoiceid": str(payment.invoice)}
            operation = etree.SubElement(root, "operation", ids)
            told = {
                "amount": f"{payment.amount.normalize():f}",
                "operdate": _time(payment.at),
                "purpose": "Оплата заказа",
                "pursefrom": f"{payment.purse[0]}397656178472",
                "wmidfrom": "809399319852",
                "hold_period": payment.fields.get("LMI_HOLD", "0"),
                "hold_state": "0",
                "capitallerflag": "0",
                "enumflag": "0",
                "IPAddress": "203.0.113.7",
                "sdp_type": "0",
            }
            for tag, text in told.items():
                etree.SubElement(operation, tag).text = text
        etree.SubElement(root, "retval").text = str(code)
        etree.SubElement(root, "retdesc").text = words
        body = etree.tostring(root, encoding="windows-1251", xml_declaration=True)
        return Answer(200, body, "text/xml; charset=windows-1251")

    def _found(self, request: Request) -> tuple[int, str, Payment | None]:
        """Code, words and the payment that X18 answers."""
        try:
            asked = {str(item.tag): item.text or "" for item in etree.fromstring(request.body)}
        except etree.XMLSyntaxError:
            return -100, "общая ошибка при разборе запроса", None
        wmid, name, number = (
            asked.get(tag, "") for tag in ("wmid", "lmi_payee_purse", "lmi_payment_no")
        )
        if not re.fullmatch(r"[0-9]{12}", wmid):
            return -2, "merchant.request/wmid is incorrect", None
        if not re.fullmatch(r"[A-Z][0-9]{12}", name):
            return -3, "merchant.request/lmi_payee_purse is incorrect", None
        purse = self.purses.get(name)
        if purse is None:
            return 1, "Merchant purse not found:1", None
        if wmid != purse.wmid:
            return 4, "Merchant wmid not found or security trust for purse is not exists:4", None
        if not asked.get("sha256"):
            return 3, "Please use sign or sha256 method for authentication:3", None
        plan = f"{wmid}{name}{number}"
        if hashlib.sha256(f"{plan}{purse.key}".encode()).hexdigest() != asked["sha256"].lower():
            return -7, f"MD5 or SHA256 not right:{plan}", None
        if asked.get("lmi_payment_no_type") != "1" or not number.isdecimal():
            return -100, "The stand-in knows numbers of the shop's alone", None
        if made := self._made(name, int(number)):
            return 0, "", made[-1]
        opened = [
            one
            for one in self.payments
            if (one.purse, one.number, one.is_test) == (name, int(number), False)
        ]
        if any(one.is_refused for one in opened):
            return 13, "Payment found for this merchant purse, but it already reject!", None
        if opened:
            return 9, "Payment found for this merchant purse, but not paid yet!", None
        return 8, "Payment with lmi_payment_no not found for this merchant purse", None

    # Pages.

    def page(self, request: Request) -> Answer:
        sent = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        try:
            match request.method, request.path:
                case "POST", path if path == _FORM:
                    return self._first_page(self.open(sent))
                case "POST", path if path == _DO:
                    return self._decide(sent)
        except Refusal as refusal:
            return _page(f"<p>{escape(str(refusal))}</p>", status=400)
        return _page("<p>No such page</p>", status=404)

    def _first_page(self, payment: Payment) -> Answer:
        if self.purses[payment.purse].asks and self.notifier.url:
            answer = requests.post(
                self.notifier.url,
                data=self.question(payment),
                headers={"Content-Type": _FORM_TYPE, **self.notifier.headers},
                timeout=_SECONDS,
            )
            self.answers.append(answer.text)
            if answer.status_code != 200 or answer.text != "YES":
                raise Refusal(f"The shop says: {answer.text}")
        return _page(
            f"<h1>{payment.amount:.2f} {escape(payment.currency)}</h1>"
            f'<form method="post" action="{_DO}">'
            f'<input type="hidden" name="token" value="{payment.token}">'
            '<button name="decision" value="pay">Pay</button>'
            '<button name="decision" value="decline">Decline</button></form>'
        )

    def _decide(self, sent: Mapping[str, str]) -> Answer:
        (payment,) = (one for one in self.payments if one.token == sent.get("token"))
        if sent.get("decision") == "pay":
            self.pay(payment)
            back = payment.fields.get("LMI_SUCCESS_URL", "")
        else:
            self.refuse_invoice(payment)
            back = payment.fields.get("LMI_FAIL_URL", "")
        return Answer(303, headers={"Location": back})


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(_MOSCOW):%Y%m%d %H:%M:%S}"


def _page(body: str, status: int = 200) -> Answer:
    head = '<!doctype html><html lang="ru"><meta charset="utf-8"><title>WebMoney</title>'
    text = f"{head}<body>{body}</body></html>"
    return Answer(status, text.encode(), "text/html; charset=utf-8")
