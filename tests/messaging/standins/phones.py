"""What the services that send text messages have in common: forms, prices and phones."""

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request
from tests.payments.standins.base import StandIn
from tests.payments.standins.contract import Violation

#: Of a part.
PRICE = Decimal("4.20")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Phones(StandIn):
    """See the base."""

    def __init__(self, faults: Faults | None = None, senders: int = 1, port: int = 0) -> None:
        super().__init__(None, faults, senders, port)
        self.balance = Decimal("100.00")
        #: Numbers that do not exist.
        self.absent: set[str] = set()

    def is_api(self, path: str) -> bool:
        return True

    def admit(self, request: Request) -> Answer | None:
        return None

    def refuse(self, violation: Violation) -> Answer:
        raise NotImplementedError

    def page(self, request: Request) -> Answer:
        raise NotImplementedError

    def broken(self, status: int) -> Answer:
        return Answer(status, b"<html>Bad gateway</html>", "text/html")

    def pass_time(self) -> None:
        """Nothing falls due by itself."""


def form(request: Request) -> dict[str, str]:
    """What a form holds; a field twice, or what is no UTF-8, is a mistake of the client's."""
    assert request.method == "POST", request
    content_type = request.headers.get("content-type", "")
    assert content_type.startswith("application/x-www-form-urlencoded"), request.headers
    pairs = parse_qsl(
        request.body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict"
    )
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)


def parts(text: str) -> int:
    """Of a text without signs that weigh double: those are counted in tests of their own."""
    basic = text.isascii() and not set(text) & set("^{}\\[~]|`")
    alone, of_many = (160, 153) if basic else (70, 67)
    return 1 if len(text) <= alone else -(-len(text) // of_many)


def require(fields: dict[str, str], known: dict[str, Any], needed: set[str]) -> str:
    """What is wrong with a form; empty: nothing."""
    unknown = set(fields) - set(known)
    missing = needed - {name for name, value in fields.items() if value}
    bad = [name for name, value in fields.items() if not known.get(name, lambda _: True)(value)]
    return " ".join(
        [*(f"unknown: {name}" for name in sorted(unknown)), *sorted(missing), *sorted(bad)]
    )
