"""What stand-ins of payment providers have more than others: a book and a contract."""

import ssl
from abc import abstractmethod

from saleor_1c_plugin.sandbox.standins import base
from saleor_1c_plugin.sandbox.standins.base import Exchange
from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request

from .book import Book
from .contract import Contract, Violation

__all__ = ["Exchange", "StandIn"]


class StandIn(base.StandIn):
    """See the base.

    Parameters
    ----------
    contract
        ``None``: nothing is held against anything.
    """

    def __init__(
        self,
        contract: Contract | None,
        faults: Faults | None,
        senders: int,
        port: int,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(faults, senders, port, tls)
        self.contract = contract
        self.book = Book()

    @abstractmethod
    def refuse(self, violation: Violation) -> Answer:
        """What is answered to a request that is not as described."""

    def answer(self, request: Request) -> Answer:
        wrong = self.contract.request(request) if self.contract else []
        self.hold(wrong)
        answer = self.admit(request)
        if answer is None and wrong:
            answer = self.refuse(wrong[0])
        if answer is None:
            with self._lock:
                answer = self.act(request)
        # HTTP's own refusals (no such path, method or content type) are nobody's to describe.
        is_http = answer.status in (405, 415) or (answer.status == 404 and wrong)
        if self.contract and not is_http:
            self.hold(self.contract.answer(request, answer))
        return answer
