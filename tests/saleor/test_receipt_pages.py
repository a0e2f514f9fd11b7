"""Receipts' pages in a real Saleor: the buyer's for whoever has its address, the rest for staff."""

import base64
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.test import Client
from saleor.account.models import User
from saleor.permission.models import Permission

from saleor_1c_plugin.receipts import stored
from saleor_1c_plugin.receipts.compose.document import (
    Buyer,
    Item,
    Kind,
    Means,
    PaymentMethod,
    PaymentObject,
    TaxSystem,
    Vat,
)
from saleor_1c_plugin.receipts.compose.document import Receipt as Document
from saleor_1c_plugin.receipts.models import Receipt
from saleor_1c_plugin.receipts.printing import links

from .shop import configure

PAGE = "/plugins/saleor1c.receipts/"
PASSWORD = "secret-7"

pytestmark = pytest.mark.usefixtures("_receipts")


@pytest.fixture
def _receipts(shop: None) -> None:
    cache.clear()
    # In one channel of two: the address names none.
    configure(
        "receipts",
        channel="main",
        place="https://shop.example",
        seller="ООО «Ромашка»",
        inn="7707083893",
    )


def person(name: str, *permissions: str) -> Client:
    user = User(email=f"{name}@example.com", is_staff=name != "buyer")
    user.set_password(PASSWORD)
    user.save()
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    token = base64.b64encode(f"{user.email}:{PASSWORD}".encode()).decode()
    return Client(headers={"Authorization": f"Basic {token}"})


def receipt(**more: object) -> Receipt:
    price = Decimal("122.00")
    item = Item(
        *("Чайник", price, Decimal(1), price),
        *(PaymentMethod.FULL_PAYMENT, PaymentObject.COMMODITY, Vat.RATE_22),
    )
    made = Document(
        *(Kind.SELL, TaxSystem.OSN, (item,), {Means.ELECTRONIC: price}),
        Buyer(email="anna@example.com"),
        place="https://shop.example",
    )
    at = datetime(2026, 11, 25, 11, 30, tzinfo=UTC)
    values = {
        "fact": "o:payment:1",
        "order_id": "o",
        "order_number": "7",
        "channel": "main",
        "kind": made.kind,
        "document": stored.dump(made),
        "total": price,
        "moved": price,
        "happened": at,
        "deadline": at + timedelta(days=1),
        "state": Receipt.State.DONE,
        "due": None,
        "register": "emulator:1",
        "drive": "9999078902004339",
        "fiscal_document": 12,
        "sign": "1234567890",
        "registered": at,
    }
    return Receipt.objects.create(**{**values, **more})


def test_staff_who_handle_payments_see_the_pages() -> None:
    row = receipt()
    cashier = person("cashier", "handle_payments")
    for path in ("", "report/", "report/?format=xlsx", "shifts/", f"receipt/{row.pk}/"):
        response = cashier.get(PAGE + path)
        assert response.status_code == 200, path
        assert response["Cache-Control"] == "no-store"
    assert cashier.get(f"{PAGE}nothing/").status_code == 404
    # The links are those of this shop.
    page = cashier.get(f"{PAGE}report/").content.decode()
    assert f'href="{PAGE}shifts/"' in page


def test_their_buttons_work_and_for_nobody_else() -> None:
    row = receipt(state=Receipt.State.FAILED, drive="", fiscal_document=None, registered=None)
    cashier, other = (person(name, "handle_payments") for name in ("cashier", "other"))
    address = f"{PAGE}receipt/{row.pk}/"
    form = re.search(r'name="form" value="([^"]+)"', cashier.get(address).content.decode())
    assert form
    data = {"form": form[1], "action": "drop", "note": "Тест"}
    assert other.post(address, data).status_code == 403
    assert cashier.post(address, {**data, "form": "x"}).status_code == 403
    assert cashier.post(address, data).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.note) == (Receipt.State.DROPPED, "Тест")


def test_nobody_else_is_let_in() -> None:
    row = receipt()
    strangers = [Client(), person("clerk", "manage_orders"), person("buyer")]
    for stranger in strangers:
        for path in ("", "report/?format=csv", "shifts/", f"receipt/{row.pk}/", "nothing/"):
            cache.clear()
            response = stranger.get(PAGE + path)
            assert response.status_code == 401
            assert not response.content
            assert stranger.post(PAGE + path, {"action": "drop"}).status_code == 401


def test_a_shop_that_makes_no_receipts_has_no_pages() -> None:
    configure("receipts", channel="main", active=False)
    assert person("cashier", "handle_payments").get(PAGE).status_code == 404


def test_a_buyer_sees_the_receipt_by_its_address() -> None:
    address = links.address_of(receipt().pk)
    assert re.match(r"https?://[^/]+/plugins/saleor1c\.receipts/r/", address)
    path = address[address.index("/plugins/") :]
    response = Client().get(path)
    assert response.status_code == 200
    text = response.content.decode()
    assert "Кассовый чек" in text
    assert "ООО «Ромашка»" in text
    assert Client().get(path[:-2] + "/").status_code == 404
    assert Client().get(f"{PAGE}r/x/").status_code == 404
    assert Client().post(path).status_code == 405
