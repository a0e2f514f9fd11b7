"""PayPal's descriptions: each file has some of its paths, and not all paths have one."""

from collections.abc import Iterable

from saleor_1c_plugin.sandbox.standins.messages import Answer, Request

from .contract import Contract, Schema, Violation, published

#: Begin of a path → the file that describes what is under it.
_FILES = {
    "/v2/checkout/orders": "paypal-checkout_orders_v2.json",
    "/v2/payments/": "paypal-payments_payment_v2.json",
    "/v1/reporting/": "paypal-reporting_transactions_v1.json",
    "/v1/notifications/": "paypal-notifications_webhooks_v1.json",
}


class Descriptions:
    """See :class:`~.contract.Contract`; what no file is about is held to the stand-in's rules."""

    def request(self, request: Request) -> list[Violation]:
        found = (one for about in _about(request) for one in about.request(request))
        return [one for one in found if not _is_asked_back(request, one)]

    def answer(self, request: Request, answer: Answer, side: str = "answer") -> list[Violation]:
        found = (one for about in _about(request) for one in about.answer(request, answer, side))
        return [one for one in found if not _is_left_out(answer)]

    def schema(self, name: str) -> Schema:
        """Of orders."""
        about = published(_FILES["/v2/checkout/orders"], "", "")
        assert about
        return about.schema(name)


def _about(request: Request) -> Iterable[Contract]:
    for begin, file in _FILES.items():
        if request.path.startswith(begin):
            found = published(file, "", "")
            assert found, file
            yield found


def _is_asked_back(request: Request, found: Violation) -> bool:
    """An event is read-only by its description, which wants it sent back to be verified."""
    is_verified = request.path.endswith("/verify-webhook-signature")
    return is_verified and found.where.startswith("webhook_event.")


def _is_left_out(answer: Answer) -> bool:
    """An error that has a page of its own in the documentation, and is in no description."""
    return answer.status == 422 and b'"REAUTHORIZATION_TOO_SOON"' in answer.body


def descriptions() -> Descriptions | None:
    """``None`` where the files are not here."""
    return Descriptions() if published(next(iter(_FILES.values())), "", "") else None
