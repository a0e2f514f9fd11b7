"""A shop whose customers are mirrored into an account of RetailCRM."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from saleor_1c_plugin.history import journal
from saleor_1c_plugin.sandbox.models import Order
from saleor_1c_plugin.store import current_orders
from saleor_1c_plugin.store.orders import Address, Buyer, LineChange, NewOrder
from tests.crm.conftest import FAST, configure
from tests.crm.standins.retailcrm import KEY, RetailCrm
from tests.receipts import sales
from tests.receipts.terms import EMULATOR, RECEIPTS
from tests.sandbox.goods import CHANNEL

ANNA = "anna@shop.example"


def mirrored(settings: Any, account: RetailCrm, **values: object) -> None:
    configure(
        settings,
        history={},
        crm={"language": "en"},
        retailcrm=saved(account, **values),
        receipts=RECEIPTS,
        emulator=EMULATOR,
    )
    journal.read_on()


@pytest.fixture
def account(transactional_db: None, settings: Any) -> Iterator[RetailCrm]:
    """A shop whose customers are mirrored into an account."""
    with RetailCrm(per_second=FAST * 25) as made:
        mirrored(settings, made)
        yield made


def placed(email: str = ANNA, metadata: Mapping[str, str] | None = None, **fields: str) -> Order:
    """An order with an address of the buyer's."""
    address = Address("Анна", "Ли", country_code="RU", **fields)
    line = LineChange(2, variant_id=str(sales.cups("100.00").pk))
    new = NewOrder(
        str(uuid4()), CHANNEL, Buyer(email=email), (line,), address, metadata=metadata or {}
    )
    with transaction.atomic():
        return Order.objects.get(key=current_orders().create_order(new))


def order_of(account: RetailCrm, order: Order) -> tuple[int, dict[str, Any]]:
    (found,) = [
        (record, row)
        for record, row in account.rows["orders"].items()
        if row["externalId"] == str(order.key)
    ]
    return found


def saved(account: RetailCrm, **values: object) -> dict[str, object]:
    """Settings of the plugin."""
    return {"address": account.address, "api_key": KEY, "per_second": f"{FAST}", **values}
