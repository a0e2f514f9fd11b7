"""What a buyer sees of PayPal: the page where he agrees to pay, or doesn't."""

from html import escape
from urllib.parse import urlencode

from saleor_1c_plugin.sandbox.standins.messages import Answer

from .paypal_objects import Order


def form(order: Order) -> Answer:
    """Where the buyer decides; money moves only when the shop asks for it afterwards."""
    return _page(
        f"<h1>{order.amount:f} {escape(order.currency)}</h1>"
        f"<p>{escape(str(order.unit.get('description', '')))}</p>"
        f'<form method="post" action="/checkoutnow?{escape(urlencode({"token": order.id}))}">'
        '<button name="decision" value="pay">Pay</button>'
        '<button name="decision" value="decline">Cancel and return</button>'
        "</form>"
    )


def back(order: Order, *, agreed: bool) -> Answer:
    """To the shop, with what PayPal adds to its address."""
    url = str(order.context["return_url" if agreed else "cancel_url"])
    told = {"token": order.id, **({"PayerID": "BUYERXYZ23456"} if agreed else {})}
    separator = "&" if "?" in url else "?"
    return Answer(303, headers={"Location": f"{url}{separator}{urlencode(told)}"})


def missing() -> Answer:
    return Answer(404, b"<!doctype html><p>No such order", "text/html; charset=utf-8")


def _page(body: str) -> Answer:
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>PayPal</title>'
    return Answer(200, f"{head}<body>{body}</body></html>".encode(), "text/html; charset=utf-8")
