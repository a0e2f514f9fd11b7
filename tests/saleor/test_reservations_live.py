"""Reservation as a storefront of a running Saleor sees it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from saleor.checkout.models import Checkout

from saleor_1c_plugin.store import current_store
from saleor_1c_plugin.store.ports import PriceWrite

from .carts import pk
from .live import LiveShop
from .sales import gid, goods
from .shop import configure

_CART = """checkout { id totalPrice { gross { amount } } stockReservationExpires
  until: metafield(key: "onec.reserved_until") lines { variant { id }
  until: metafield(key: "onec.reserved_until") unitPrice { gross { amount } } } }
  errors { field message code }"""
_CREATE = f"""mutation ($input: CheckoutCreateInput!) {{
  checkoutCreate(input: $input) {{ {_CART} }} }}"""
_ADD = f"""mutation ($id: ID!, $lines: [CheckoutLineInput!]!) {{
  checkoutLinesAdd(id: $id, lines: $lines) {{ {_CART} }} }}"""


def until(cart: Mapping[str, Any]) -> set[str]:
    """The ends that the answer tells, of all lines and of the cart, in seconds."""
    assert all(line["until"] for line in cart["lines"])
    moments = {line["until"] for line in cart["lines"]} | {cart["until"]}
    return {moment[:19] for moment in moments}


@pytest.mark.usefixtures("reserving")
def test_the_answer_to_what_was_added_shows_it_held(live: LiveShop) -> None:
    configure("reservations", channel="main", mode="automatic")
    cup, plate = (goods(key, "100", stock=5, shipped=False) for key in ("held-cup", "held-plate"))
    guest = live.graphql()
    asked = {"channel": "main", "lines": [{"variantId": gid(cup), "quantity": 2}]}
    cart = guest.ask(_CREATE, {"input": asked})["checkoutCreate"]["checkout"]
    [moment] = until(cart)
    assert cart["stockReservationExpires"][:19] == moment
    with current_store().writing(), transaction.atomic():
        write = PriceWrite(str(cup.pk), str(cup.product_id), "main", Decimal(170))
        current_store().write_prices([write])
    Checkout.objects.filter(pk=pk(cart["id"])).update(price_expiration=timezone.now())
    added = [{"variantId": gid(plate), "quantity": 1}]
    cart = guest.ask(_ADD, {"id": cart["id"], "lines": added})["checkoutLinesAdd"]["checkout"]
    assert len(cart["lines"]) == 2
    assert moment in until(cart)
    assert cart["totalPrice"]["gross"]["amount"] == 300
