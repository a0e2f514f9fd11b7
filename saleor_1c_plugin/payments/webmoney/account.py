"""A merchant's purse at WebMoney: the form for buyers, and the question how a payment is."""

import hashlib
import os
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone
from lxml import etree

from ...language import gettext_lazy as _
from ...money import quantize
from ..http import post
from ..provider import AccessDenied, NoAnswer, Order, Refund, Rejected, Snapshot, Status
from . import reading
from .models import Number
from .numbers import Name, number_of
from .reading import Trade
from .settings import CURRENCIES, WebMoneySettings

_METHOD = "Кошелёк WebMoney"
#: Codes of X18: nothing was paid, or an invoice was written that is not paid yet, or was refused.
_UNPAID = (7, 8, 9, 10, 11, 12)
_REFUSED = (13, 14)
_NO_KEY = _(
    "In WebMoney Merchant's settings of the purse choose SHA256 and write the same secret key."
)
_NO_WMID = _("The WMID is not that of the purse's owner.")
_NO_SUCH = _("WebMoney does not know such a purse or WMID.")
#: … that we are not let in: purse, WMID or key are not as they are there.
_DENIED: Mapping[int, object] = {
    **dict.fromkeys((-7, -6, 2, 3), _NO_KEY),
    **dict.fromkeys((-3, -2), _NO_SUCH),
    1: _("The purse is not set up in WebMoney Merchant."),
    **dict.fromkeys((4, 6), _NO_WMID),
}
#: Of a payment that nobody has asked for, to see whether one may ask.
_SOME_NUMBER = 1


def address() -> str:
    """Where WebMoney Merchant is.

    The host may say so (``ONEC_WEBMONEY_API``, for trying things out), the dashboard may not:
    whoever could change it there would send the buyers wherever he likes.
    """
    return (os.environ.get("ONEC_WEBMONEY_API") or "https://merchant.web.money").rstrip("/")


class WebMoneyAccount:
    """See :class:`~saleor_1c_plugin.payments.provider.Account`."""

    needs_return_url = True
    #: A payment is made at once.
    two_stage = False
    methods: tuple[str, ...] = ()

    def __init__(self, settings: WebMoneySettings) -> None:
        self._settings = settings
        self.return_url = settings.return_url

    def offer(self) -> Mapping[str, object]:
        return {
            "methods": [],
            "confirmation": "form",
            "twoStage": False,
            "returnUrlRequired": not self.return_url,
            "test": self._settings.is_test,
        }

    def create(self, order: Order, key: str) -> Snapshot:
        """Give the attempt a number; WebMoney learns of it from the buyer's browser."""
        settings = self._settings
        if order.two_stage:
            # To take money that the shop wants held would be to take it too early.
            raise Rejected(str(_("WebMoney takes the money at once: it can't be held.")))
        if order.currency != settings.currency:
            words = {"its": settings.currency, "asked": order.currency}
            raise Rejected(_("The purse takes %(its)s, not %(asked)s.") % words)
        name = Name(settings.purse, number_of(order.attempt), settings.is_test)
        return Snapshot(
            id=str(name),
            status=Status.PENDING,
            amount=order.amount,
            currency=order.currency,
            attempt=order.attempt,
            confirmation=self._form(name, order),
            is_test=settings.is_test,
        )

    def fetch(self, payment_id: str, operations: Sequence[str] = ()) -> Snapshot:
        name = Name.read(payment_id)
        row = Number.objects.select_related("attempt").filter(number=name.number).first()
        if row is None:
            raise Rejected("No attempt has this number")
        # Of what has not been paid WebMoney knows nothing: it is as it was asked.
        asked = Snapshot(
            id=payment_id,
            status=Status.PENDING,
            amount=row.attempt.amount,
            currency=row.attempt.currency,
            attempt=str(row.attempt_id),
            is_test=name.is_test,
        )
        trade = self._ask(name.purse, name.number)
        if trade.code == 0:
            return _paid(asked, name.purse, trade)
        if name.is_test and self._settings.is_test and row.tested is not None:
            return replace(asked, status=Status.CHARGED, amount=row.tested, method=_METHOD)
        if trade.code in _REFUSED:
            return replace(asked, status=Status.CANCELLED, reason="rejected")
        if timezone.now() - row.attempt.created > timedelta(hours=self._settings.pay_hours):
            return replace(asked, status=Status.CANCELLED, reason="expired")
        return asked

    def capture(self, payment_id: str, amount: Decimal, currency: str, key: str) -> Snapshot:
        raise Rejected(
            str(_("WebMoney takes the money at once: there is nothing to be taken later."))
        )

    def cancel(self, payment_id: str, key: str) -> Snapshot:
        raise Rejected(str(_("WebMoney holds no money that could be let go.")))

    def refund(
        self, payment_id: str, amount: Decimal, currency: str, operation: str, key: str
    ) -> Refund:
        raise Rejected(
            _(
                "Nothing was given back: WebMoney wants WM Keeper's signature for that. Return the "
                "payment %(payment)s by hand in WM Keeper, within 90 days, and write it down in 1C."
            )
            % {"payment": payment_id}
        )

    def check_connection(self) -> str:
        self._ask(self._settings.purse, _SOME_NUMBER)
        words = {"purse": self._settings.purse, "currency": self._settings.currency}
        if self._settings.is_test:
            return _("Connected to the purse %(purse)s in test mode: no money moves.") % words
        return _("Connected to the purse %(purse)s (%(currency)s).") % words

    def trusts(self, source: str, headers: Mapping[str, str], body: bytes) -> bool:
        try:
            told = reading.told(body)
        except ValueError:
            return False
        is_own = told.name.purse == self._settings.purse
        return is_own and reading.is_signed(told, self._settings.secret_key)

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether it is WebMoney's; of a test, what it says is all that will ever be known."""
        if not self.trusts("", headers, body):
            return False
        told = reading.told(body)
        if told.name.is_test:
            if not self._settings.is_test or told.is_held:
                return False
            Number.objects.filter(number=told.name.number).update(tested=told.amount)
        return True

    def _form(self, name: Name, order: Order) -> Mapping[str, object]:
        settings = self._settings
        asked = {
            "LMI_PAYEE_PURSE": settings.purse,
            "LMI_PAYMENT_AMOUNT": f"{quantize(order.amount, order.currency):f}",
            "LMI_PAYMENT_NO": str(name.number),
        }
        fields = {
            **asked,
            "LMI_PAYMENT_DESC_BASE64": b64encode(order.description[:255].encode()).decode(),
            "LMI_SUCCESS_URL": order.return_url,
            # A link: a form would lose the query of the address.
            "LMI_SUCCESS_METHOD": "2",
            "LMI_FAIL_URL": order.return_url,
            "LMI_FAIL_METHOD": "2",
        }
        if settings.is_test:
            # Every payment succeeds.
            fields["LMI_SIM_MODE"] = "0"
        if settings.secret_key_x20:
            signature = reading.form_signature(asked.values(), settings.secret_key_x20)
            fields["LMI_PAYMENTFORM_SIGN"] = signature
        url = f"{address()}/lmi/payment_utf.asp"
        return {"type": "form", "url": url, "method": "POST", "fields": fields}

    def _ask(self, purse: str, number: int) -> Trade:
        """Ask X18 for a payment by the shop's number."""
        settings = self._settings
        signed = f"{settings.wmid}{purse}{number}{settings.secret_key}"
        asked = {
            "wmid": settings.wmid,
            "lmi_payee_purse": purse,
            "lmi_payment_no": str(number),
            "lmi_payment_no_type": "1",
            "sha256": hashlib.sha256(signed.encode()).hexdigest(),
        }
        root = etree.Element("merchant.request")
        for tag, text in asked.items():
            etree.SubElement(root, tag).text = text
        status, body = post(
            f"{address()}/conf/xml/XMLTransGet.asp", etree.tostring(root), "text/xml"
        )
        if status != 200:
            raise NoAnswer(f"HTTP {status}")
        trade = reading.trade(body)
        # Never its words: some of them show what was signed.
        if trade.code in _DENIED:
            raise AccessDenied(f"{_DENIED[trade.code]} (X18: {trade.code})")
        if trade.code not in (0, *_UNPAID, *_REFUSED):
            raise NoAnswer(f"X18: {trade.code}")
        return trade


def _paid(asked: Snapshot, purse: str, trade: Trade) -> Snapshot:
    if trade.hold != "0":
        # A form that the buyer has changed.
        raise Rejected(f"It is paid with a hold of {trade.hold} days, which was not asked for")
    return replace(
        asked,
        status=Status.CHARGED,
        amount=trade.amount,
        currency=CURRENCIES.get(purse[0], ""),
        at=trade.at,
        method=_METHOD,
        is_test=False,
    )
