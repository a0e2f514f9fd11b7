"""What a buyer sees of T-Bank: the page to pay on, and SBP's."""

from html import escape

from saleor_1c_plugin.sandbox.standins.messages import Answer

from .tbank_objects import SOURCES, Payment


def form(payment: Payment, path: str) -> Answer:
    """Where the buyer decides."""
    sources = [payment.source] if payment.source else list(SOURCES)
    options = "".join(f"<option>{escape(source)}</option>" for source in sources)
    return _page(
        f"<h1>{payment.amount / 100:.2f} ₽</h1>"
        f"<p>{escape(str(payment.asked.get('Description', '')))}</p>"
        f'<form method="post" action="{escape(path)}">'
        f'<select name="source">{options}</select>'
        '<button name="decision" value="pay">Pay</button>'
        '<button name="decision" value="decline">Decline</button>'
        "</form>"
    )


def done(payment: Payment) -> Answer:
    """Back to the shop, by one of the two addresses that it has given."""
    is_paid = payment.status in ("AUTHORIZED", "CONFIRMED")
    url = payment.asked.get("SuccessURL" if is_paid else "FailURL")
    if url:
        return Answer(303, headers={"Location": str(url)})
    return _page(f"<p>{escape(payment.status)}</p>")


def missing() -> Answer:
    return Answer(404, b"<!doctype html><p>No such payment", "text/html; charset=utf-8")


def _page(body: str) -> Answer:
    head = '<!doctype html><html lang="ru"><meta charset="utf-8"><title>T-Bank</title>'
    return Answer(200, f"{head}<body>{body}</body></html>".encode(), "text/html; charset=utf-8")
