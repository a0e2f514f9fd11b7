"""WebMoney, as the core knows it."""

from collections.abc import Mapping

from ..provider import Question, Subject
from . import reading
from .account import WebMoneyAccount
from .settings import CURRENCIES, WebMoneySettings


class WebMoney:
    """See :class:`~saleor_1c_plugin.payments.provider.Provider`."""

    name = "webmoney"
    title = "WebMoney"
    #: To create a payment nobody is called; what else there is to repeat is but a question.
    key_seconds = 24 * 3600
    headers: tuple[str, ...] = ()
    accepted = b"YES"
    accepted_type = "text/plain"
    consent = b"YES"

    def account(self, saved: Mapping[str, object]) -> WebMoneyAccount:
        return WebMoneyAccount(WebMoneySettings.from_configuration(saved))

    def subject(self, body: bytes, headers: Mapping[str, str]) -> Subject:
        told = reading.told(body)
        if not told.is_question:
            return Subject(str(told.name))
        if told.is_held:
            raise ValueError("No payment is asked for that can be taken back")
        currency = CURRENCIES.get(told.name.purse[0], "")
        return Subject(str(told.name), question=Question(told.amount, currency))
