"""A shop that takes money by one provider, which is a stand-in on the loopback."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.test import RequestFactory

from saleor_1c_plugin.payments import intake, operations, sessions
from saleor_1c_plugin.payments.provider import Provider
from saleor_1c_plugin.store.payments import Action, Session

from .ledger import Ledger
from .support import AMOUNT, CHANNEL, Till

BACK = "https://shop.example/back?order=7"


class ProviderTill(Till):
    """See :class:`~tests.payments.support.Till`; all that is told goes to the ledger.

    Parameters
    ----------
    saved
        Settings of the provider that are as a merchant's.
    fields
        Of every session, unless it says otherwise.
    """

    #: Of its notifications.
    content_type = "application/json"

    def __init__(
        self, settings: Any, provider: Provider, saved: Mapping[str, object], **fields: Any
    ) -> None:
        super().__init__(provider)  # type: ignore[arg-type]
        self._settings, self._provider, self._saved = settings, provider, saved
        self._fields = {"currency": "RUB", "about": "Оплата заказа", **fields}
        settings.ONEC_PAYMENT_STORE = "tests.payments.ledger.Ledger"
        Ledger.clear()
        self.set()

    def set(self, **values: object) -> None:
        mine = {self._provider.name: {**self._saved, **values}}
        self._settings.ONEC_CONFIGURATION = {**self._settings.ONEC_CONFIGURATION, **mine}

    def pay(
        self, transaction: str = "t1", amount: Decimal = AMOUNT, **values: Any
    ) -> sessions.Answer:
        given = {"returnUrl": BACK, **values.pop("given", {})}
        fields = {**self._fields, "about_id": "cart-1", "channel": CHANNEL, **values}
        session = Session(transaction=transaction, amount=amount, given=given, **fields)
        return sessions.pay(self._provider, session)

    def operate(
        self, action: Action, amount: Decimal, transaction: str = "t1", asked: str = ""
    ) -> None:
        asked = asked or f"{transaction}{action}{amount}"
        assert operations.request(self._provider, transaction, action, amount, asked)

    def hear(self, body: bytes, headers: Mapping[str, str] | None = None) -> HttpResponse:
        """A notification comes, or a question."""
        request = RequestFactory().post(
            "/", body, content_type=self.content_type, headers=dict(headers or {})
        )
        return intake.receive(self._provider, request)
