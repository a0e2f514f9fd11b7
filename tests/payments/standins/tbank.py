"""T-Bank's internet acquiring, by the documentation of version 2 of its API.

Errors are answered by 200, as the bank does. What it does not play it refuses: cards by the shop's
own form, receipts, recurrent payments, instalments, payments to several shops.

A field that no method knows does nothing at the bank. Here it is a violation, and so is the
password where it is sent along.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request

from . import tbank_pages as pages
from .base import StandIn
from .book import Entry, Move
from .contract import Violation
from .tbank_objects import HELD, OPEN, TAKEN, Payment, sign

PREFIX = "/v2"
#: How long a link can be paid by, and how long the money is held.
_TO_PAY = timedelta(hours=24)
_LONGEST_TO_PAY = timedelta(days=90)
_TO_CONFIRM = timedelta(days=7)
#: What SBP takes, in kopecks.
_SBP = range(10_00, 1_000_000_00 + 1)
#: Of which changes the shop is told.
EVENTS = (
    *("AUTHORIZED", "CONFIRMED", "PARTIAL_REVERSED", "REVERSED", "CANCELED"),
    *("PARTIAL_REFUNDED", "REFUNDED", "REJECTED"),
)
_COMMON = {"TerminalKey": str, "Token": str}
#: Fields by method; those before the bar are required.
_FIELDS: Mapping[str, tuple[Mapping[str, type], Mapping[str, type]]] = {
    "Init": (
        {"Amount": int, "OrderId": str},
        {
            **dict.fromkeys(
                (
                    *("Description", "CustomerKey", "PayType", "Language", "RedirectDueDate"),
                    *("NotificationURL", "SuccessURL", "FailURL"),
                ),
                str,
            ),
            "DATA": dict,
        },
    ),
    "GetState": ({"PaymentId": str}, {"IP": str}),
    "CheckOrder": ({"OrderId": str}, {}),
    "Confirm": ({"PaymentId": str}, {"Amount": int, "IP": str}),
    "Cancel": (
        {"PaymentId": str},
        {"Amount": int, "IP": str, "ExternalRequestId": str, "QrMemberId": str},
    ),
    "GetQr": ({"PaymentId": str}, {"DataType": str}),
    "GetQrState": ({"PaymentId": str}, {}),
}


class Refusal(Exception):
    """A call that is answered by an error, and has done nothing."""

    def __init__(self, code: str, message: str, details: str = "") -> None:
        super().__init__(message)
        body = {"Success": False, "ErrorCode": code, "Message": message}
        if details:
            body["Details"] = details
        self.answer = Answer.of(200, body)


class TBank(StandIn):
    """See the base.

    Parameters
    ----------
    terminals
        Keys of terminals, and their passwords; one that ends with ``DEMO`` is a test one.
    refunds_wait
        SBP's refunds are under way until they are settled.
    unique_orders
        The terminal is set up to refuse a second payment of an order.
    """

    def __init__(
        self,
        terminals: Mapping[str, str] | None = None,
        *,
        faults: Faults | None = None,
        senders: int = 1,
        port: int = 0,
        refunds_wait: bool = False,
        unique_orders: bool = False,
    ) -> None:
        super().__init__(None, faults, senders, port)
        self.terminals = dict(terminals or {"1321054611234DEMO": "Dfsfh56dgKl"})
        self.refunds_wait = refunds_wait
        self.unique_orders = unique_orders
        #: Terminals that are blocked.
        self.blocked: set[str] = set()
        #: Kopecks of which refunds can be paid: the shop's account at the bank.
        self.account = 10**12
        self.payments: dict[str, Payment] = {}
        self.notifier.expected = b"OK"

    @property
    def url(self) -> str:
        """Of the API."""
        return self.address + PREFIX

    # What happens by itself, or by hand in the bank's cabinet.

    def pay(self, payment_id: str, source: str = "cards") -> None:
        """The buyer pays."""
        with self._lock:
            payment = self.payments[payment_id]
            if payment.status not in OPEN:
                return
            payment.source = payment.source or source
            payment.status, payment.held = "AUTHORIZED", self.now()
            if payment.source != "qrsbp":
                self._tell(payment, "AUTHORIZED")
            self._write(Move.HELD, payment, payment.amount)
            if not payment.is_two_stage:
                self._charge(payment, payment.amount)

    def decline(self, payment_id: str) -> None:
        """The buyer's bank does not pay."""
        with self._lock:
            payment = self.payments[payment_id]
            if payment.status in OPEN:
                payment.error = ("1051", "Недостаточно средств на карте")
                payment.status = "REJECTED"
                self._tell(payment, "REJECTED")

    def confirm(self, payment_id: str, amount: Decimal) -> None:
        """The shop's staff take the money in the cabinet."""
        with self._lock:
            self._charge(self.payments[payment_id], _kopecks(amount))

    def give_back(self, payment_id: str, amount: Decimal) -> None:
        """The shop's staff refund in the cabinet, without the API."""
        with self._lock:
            self._refund(self.payments[payment_id], _kopecks(amount))

    def let_go(self, payment_id: str, amount: Decimal) -> None:
        """A part of what is held; the rest stays held."""
        with self._lock:
            payment = self.payments[payment_id]
            payment.amount -= _kopecks(amount)
            payment.status = "PARTIAL_REVERSED"
            self._write(Move.RELEASED, payment, _kopecks(amount))
            self._tell(payment, payment.status)

    def settle_refund(self, payment_id: str) -> None:
        with self._lock:
            payment = self.payments[payment_id]
            if payment.changing:
                self._give(payment, payment.changing)

    def fail_refund(self, payment_id: str) -> None:
        """Of this nothing is told."""
        with self._lock:
            payment = self.payments[payment_id]
            payment.status, payment.changing = payment.before, 0
            payment.problem = ("I05043", "У покупателя нет счёта в этом банке")

    def tell_again(self, payment_id: str) -> None:
        with self._lock:
            payment = self.payments[payment_id]
            if payment.status in EVENTS:
                self._tell(payment, payment.status)

    def pass_time(self) -> None:
        now = self.now()
        for payment in self.payments.values():
            if payment.status in OPEN and now >= payment.deadline:
                payment.status = "DEADLINE_EXPIRED"
            elif payment.status in HELD and payment.held and now >= payment.held + _TO_CONFIRM:
                self._release(payment)

    # The API.

    def is_api(self, path: str) -> bool:
        return path.startswith(f"{PREFIX}/")

    def admit(self, request: Request) -> Answer | None:
        method = request.path.removeprefix(f"{PREFIX}/")
        if request.method != "POST" or method not in _FIELDS:
            return Answer(404, b"<html>404</html>", "text/html")
        if not request.headers.get("content-type", "").startswith("application/json"):
            return Answer(415)
        try:
            self._require_signed(request.json)
            self._require_described(method, request.json)
        except Refusal as refusal:
            return refusal.answer
        return None

    def refuse(self, violation: Violation) -> Answer:
        return Refusal("1", "Параметры не сопоставлены", violation.where).answer

    def broken(self, status: int) -> Answer:
        if status == 500:
            return Refusal("9999", "Внутренняя ошибка системы").answer
        return Answer(status, f"<html><h1>{status}</h1></html>".encode(), "text/html")

    def act(self, request: Request) -> Answer:
        methods: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
            "Init": self._init,
            "GetState": self._get_state,
            "CheckOrder": self._check_order,
            "Confirm": self._confirm,
            "Cancel": self._cancel,
            "GetQr": self._get_qr,
            "GetQrState": self._get_qr_state,
        }
        try:
            return Answer.of(200, methods[request.path.removeprefix(f"{PREFIX}/")](request.json))
        except Refusal as refusal:
            return refusal.answer

    def _init(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if not 1 <= body["Amount"] < 10**10:
            raise Refusal("251", "Неверная сумма")
        if not 1 <= len(body["OrderId"]) <= 36:
            raise Refusal("212", "Размер поля OrderId должен быть от 1 до 36")
        if len(body.get("Description", "")) > 140:
            raise Refusal("213", "Размер поля Description должен быть от 0 до 140")
        if body.get("PayType", "O") not in ("O", "T"):
            raise Refusal("1", "Параметры не сопоставлены", "PayType")
        for name in ("NotificationURL", "SuccessURL", "FailURL"):
            _require_url(body.get(name), name)
        if "DATA" in body:
            _require_data(body["DATA"])
        orders = [one.order for one in self._of(body["TerminalKey"])]
        if self.unique_orders and body["OrderId"] in orders:
            raise Refusal("20", "Ошибка повторного идентификатора заказа")
        number = 10_000_000_000 + len(self.payments)
        payment = Payment(
            *(number, body["TerminalKey"], body["OrderId"], body["Amount"], self.now()),
            deadline=self._deadline(body.get("RedirectDueDate")),
            asked=body,
            page=secrets.token_urlsafe(6),
        )
        self.payments[str(number)] = payment
        url = f"{self.address}/new/{payment.page}"
        return payment.answer(Amount=payment.amount, PaymentURL=url)

    def _get_state(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._asked_for(body).state()

    def _check_order(self, body: Mapping[str, Any]) -> dict[str, Any]:
        terminal, order = body["TerminalKey"], body["OrderId"]
        found = [one for one in self._of(terminal) if one.order == order]
        if not found:
            raise Refusal("335", f"OrderId {order} не найден для TerminalKey {terminal}")
        return {
            "Success": True,
            "ErrorCode": "0",
            "Message": "OK",
            "TerminalKey": terminal,
            "OrderId": order,
            "Payments": [one.listed() for one in found],
        }

    def _confirm(self, body: Mapping[str, Any]) -> dict[str, Any]:
        payment = self._asked_for(body)
        if payment.status not in HELD:
            raise Refusal("8", "Неверный статус транзакции", payment.status)
        amount = body.get("Amount", payment.original)
        if not 1 <= amount <= payment.amount:
            raise Refusal("330", "Сумма в запросе больше чем в оригинальной транзакции")
        self._charge(payment, amount)
        return payment.answer()

    def _cancel(self, body: Mapping[str, Any]) -> dict[str, Any]:
        payment = self._asked_for(body)
        request = body.get("ExternalRequestId", "")
        if len(request) > 256:
            raise Refusal("1", "Параметры не сопоставлены", "ExternalRequestId")
        known = bool(request) and request in payment.requests and payment.source != "qrsbp"
        before = payment.amount
        if not known:
            self._undo(payment, body.get("Amount"))
            payment.requests.add(request)
        return payment.answer(
            # Other types than elsewhere.
            PaymentId=payment.id,
            OriginalAmount=before,
            NewAmount=payment.amount,
            ExternalRequestId=request,
        )

    def _undo(self, payment: Payment, amount: int | None) -> None:
        if payment.status == "NEW":
            payment.status = "CANCELED"
            self._tell(payment, "CANCELED")
            return
        if payment.status not in (*HELD, *TAKEN):
            raise Refusal("8", "Неверный статус транзакции", payment.status)
        amount = payment.original if amount is None else amount
        if not 1 <= amount <= payment.amount:
            raise Refusal("330", "Сумма в запросе больше чем в оригинальной транзакции")
        if payment.status in TAKEN:
            self._refund(payment, amount)
        elif amount == payment.amount:
            self._release(payment)
        else:
            self.let_go(str(payment.id), Decimal(amount).scaleb(-2))

    def _get_qr(self, body: Mapping[str, Any]) -> dict[str, Any]:
        payment = self._asked_for(body)
        if body.get("DataType", "PAYLOAD") != "PAYLOAD":
            raise Refusal("1", "Параметры не сопоставлены", "DataType")
        if payment.is_two_stage:
            raise Refusal("3001", "Оплата через СБП недоступна")
        if payment.amount not in _SBP:
            raise Refusal("3016", "Невозможно создать QR")
        if payment.status not in OPEN:
            raise Refusal("8", "Неверный статус транзакции", payment.status)
        payment.status, payment.source = "FORM_SHOWED", "qrsbp"
        url = f"{self.address}/qr/{payment.page}"
        return payment.answer(Data=url, PaymentId=payment.id)

    def _get_qr_state(self, body: Mapping[str, Any]) -> dict[str, Any]:
        payment = self._asked_for(body)
        told = payment.answer(Message="OK", Amount=payment.amount)
        if payment.problem:
            told["QrCancelCode"], told["QrCancelMessage"] = payment.problem
        return told

    # Pages.

    def page(self, request: Request) -> Answer:
        kind, _, name = request.path.strip("/").rpartition("/")
        payment = next((one for one in self.payments.values() if one.page == name), None)
        if payment is None or kind not in ("new", "qr"):
            return pages.missing()
        if request.method == "POST":
            sent = {key: values[-1] for key, values in parse_qs(request.body.decode()).items()}
            if sent.get("decision") == "pay":
                self.pay(str(payment.id), sent.get("source", "cards"))
            else:
                self.decline(str(payment.id))
        elif payment.status in OPEN:
            payment.status = "FORM_SHOWED"
            return pages.form(payment, request.path)
        return pages.done(payment)

    # Rules.

    def _require_signed(self, body: Any) -> None:
        if not isinstance(body, dict):
            raise Refusal("203", "Параметры запроса не должны быть пустыми")
        password = self.terminals.get(str(body.get("TerminalKey")))
        if password is None:
            words = "Неверный токен. Проверьте пару TerminalKey/SecretKey"
            raise Refusal("205", words, "Указанный терминал не найден")
        if body["TerminalKey"] in self.blocked:
            raise Refusal("202", "Терминал заблокирован")
        if body.get("Token") != sign(body, password):
            raise Refusal("204", "Неверный токен. Проверьте пару TerminalKey/SecretKey")

    def _require_described(self, method: str, body: Mapping[str, Any]) -> None:
        required, others = _FIELDS[method]
        known = {**_COMMON, **required, **others}
        for name, value in body.items():
            kind = known.get(name)
            if kind is None or type(value) is not kind:
                reason = "It is not described" if kind is None else f"It is no {kind.__name__}"
                self.hold([Violation("request", f"POST {PREFIX}/{method}", name, reason)])
                raise Refusal("1", "Параметры не сопоставлены", name)
        for name in required:
            if name not in body:
                raise Refusal("201", f"Поле {name} не должно быть пустым")

    def _deadline(self, text: str | None) -> datetime:
        now = self.now()
        if text is None:
            return now + _TO_PAY
        try:
            moment = datetime.fromisoformat(text)
            is_near = now + timedelta(minutes=1) <= moment <= now + _LONGEST_TO_PAY
        except (TypeError, ValueError):
            is_near = False
        if not is_near:
            raise Refusal("12", "Неверный параметр RedirectDueDate")
        return moment

    def _of(self, terminal: str) -> list[Payment]:
        return [one for one in self.payments.values() if one.terminal == terminal]

    def _asked_for(self, body: Mapping[str, Any]) -> Payment:
        payment = self.payments.get(body["PaymentId"])
        if payment is None or payment.terminal != body["TerminalKey"]:
            raise Refusal("255", "Платеж не найден")
        return payment

    def _charge(self, payment: Payment, amount: int) -> None:
        rest = payment.amount - amount
        payment.status, payment.amount = "CONFIRMED", amount
        self._write(Move.CHARGED, payment, amount)
        if rest:
            self._write(Move.RELEASED, payment, rest)
        self._tell(payment, "CONFIRMED")

    def _release(self, payment: Payment) -> None:
        self._write(Move.RELEASED, payment, payment.amount)
        payment.status, payment.amount = "REVERSED", 0
        self._tell(payment, "REVERSED")

    def _refund(self, payment: Payment, amount: int) -> None:
        if amount > self.account:
            raise Refusal("3002", "Недостаточный баланс счёта для отмены")
        payment.problem = None
        if self.refunds_wait and payment.source == "qrsbp":
            payment.before, payment.changing = payment.status, amount
            payment.status = "ASYNC_REFUNDING"
        else:
            self._give(payment, amount)

    def _give(self, payment: Payment, amount: int) -> None:
        payment.amount, payment.changing = payment.amount - amount, 0
        payment.status = "PARTIAL_REFUNDED" if payment.amount else "REFUNDED"
        self._write(Move.REFUNDED, payment, amount)
        self._tell(payment, payment.status)

    def _write(self, move: Move, payment: Payment, amount: int) -> None:
        name, rubles = str(payment.id), Decimal(amount).scaleb(-2)
        self.book.add(Entry(move, name, name, rubles, "RUB", self.now()))

    def _tell(self, payment: Payment, status: str) -> None:
        told = payment.notification(status, self.terminals[payment.terminal])
        self.tell(status, str(payment.id), told)


def _kopecks(amount: Decimal) -> int:
    return int(amount.scaleb(2))


def _require_url(text: str | None, name: str) -> None:
    if text is None:
        return
    parts = urlsplit(text)
    if len(text) > 250 or parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refusal("1", "Параметры не сопоставлены", name)


def _require_data(data: Mapping[str, Any]) -> None:
    if not data or len(data) > 20:
        raise Refusal("207", "Параметр DATA превышает максимально допустимый размер")
    for name, value in data.items():
        # A name of the bank's own, longer than names may be.
        if len(name) > 20 and name != "OperationInitiatorType":
            raise Refusal("208", "Наименование ключа из параметра DATA слишком длинное", name)
        if not isinstance(value, str) or len(value) > 100:
            raise Refusal("209", "Значение ключа из параметра DATA слишком длинное", name)
    if data.get("OperationInitiatorType", "0") not in ("0", "1", "2", "R", "I"):
        raise Refusal("1126", "Неверное значение OperationInitiatorType")
