"""A reservation in a real Saleor, as 1C hears of it."""

from datetime import timedelta
from io import BytesIO

import graphene
import pytest
from django.db.models import F
from saleor.channel.models import Channel
from saleor.order.models import Order
from saleor.plugins.models import PluginConfiguration
from saleor.product.models import ProductVariantChannelListing

from saleor_1c_plugin.commerceml.documents import Document, Operation
from saleor_1c_plugin.commerceml.reader import scan
from saleor_1c_plugin.orders.incoming.apply import import_documents
from saleor_1c_plugin.orders.models import OrderRecord
from saleor_1c_plugin.orders.outgoing import portions
from saleor_1c_plugin.orders.outgoing.settings import OutgoingSettings
from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.reservations.models import End, Hold
from tests.catalog.support import Recorder

from .sales import charge_taxes, complete, delivery, goods, sell_on_trust, start, tax_class
from .shop import configure

pytestmark = pytest.mark.usefixtures("_open")


@pytest.fixture
def _open(shop: None) -> None:
    sell_on_trust()
    delivery("300")
    configure("orders")
    PluginConfiguration.objects.create(
        identifier="saleor1c.reservations",
        channel=Channel.objects.get(slug="main"),
        active=True,
        name="reservations",
        configuration=[{"name": "to_onec", "value": True}],
    )


def taken() -> dict[str, Document]:
    """The orders and reservations that are news; 1C has taken them."""
    body = BytesIO()
    portions.give("test", body, OutgoingSettings.load(), asked="3.1", encoding="utf-8")
    portions.confirm("test")
    found = [node.parse() for node in scan(BytesIO(body.getvalue()))]
    return {
        item.id: item
        for item in found
        if isinstance(item, Document) and item.operation is Operation.ORDER
    }


def reserved(quantity: int) -> tuple[str, str]:
    """A reservation of chairs at 1000; the ids of the cart, Saleor's own and the plain one."""
    chair = goods("chair#red", "1000", tax=tax_class("vat:22", "22"))
    checkout, _ = start({chair: quantity})
    cart_id = str(graphene.Node.from_global_id(checkout)[1])
    holds.create(cart_id)
    return checkout, cart_id


@pytest.mark.parametrize(("with_tax", "amount"), [(True, 2000), (False, 2440)])
def test_told_with_frozen_prices_and_withdrawn_by_the_clock(with_tax: bool, amount: int) -> None:
    charge_taxes(with_tax=with_tax)
    _, cart_id = reserved(2)
    ProductVariantChannelListing.objects.update(price_amount=5000, discounted_price_amount=5000)
    (found,) = taken().values()
    assert (found.id, found.amount) == (f"res-{cart_id}", amount)
    (line,) = found.lines
    assert (line.id, line.quantity, line.price, line.amount) == ("chair#red", 2, 1000, 2000)
    (tax,) = found.taxes
    assert tax.included is with_tax
    assert found.requisite("Статус заказа") == "Бронь"
    contacts = [item.value for item in found.counterparties[0].contacts]
    assert contacts == ["ivan@example.com", "+79161234567"]
    assert taken() == {}
    hour = timedelta(hours=1)
    Hold.objects.update(ends=F("ends") - hour)
    OrderRecord.objects.update(changed=F("changed") - hour)
    (over,) = taken().values()
    assert (over.id, over.requisite("Отменен"), over.amount) == (found.id, "true", amount)
    assert taken() == {}


def test_bought_it_gives_way_to_the_order() -> None:
    checkout, cart_id = reserved(2)
    assert taken().keys() == {f"res-{cart_id}"}
    order_id = complete(checkout)
    found = taken()
    assert found.keys() == {f"res-{cart_id}", order_id}
    number = str(Order.objects.get(pk=order_id).number)
    withdrawn, order = found[f"res-{cart_id}"], found[order_id]
    assert (withdrawn.requisite("Отменен"), withdrawn.requisite("Заказ по брони")) == (
        "true",
        number,
    )
    hold = Hold.objects.get()
    assert order.requisite("Номер резерва") == str(hold.pk)
    assert withdrawn.counterparties == order.counterparties
    assert (hold.end, hold.order_id) == (End.BOUGHT, order_id)


def test_marked_for_deletion_in_1c_it_ends() -> None:
    _, cart_id = reserved(2)
    taken()
    marked = (
        '<КоммерческаяИнформация ВерсияСхемы="3.1" ДатаФормирования="2026-01-01T12:00:00">'
        f"<Документ><Ид>res-{cart_id}</Ид><ХозОперация>Заказ товара</ХозОперация>"
        "<ПометкаУдаления>true</ПометкаУдаления></Документ></КоммерческаяИнформация>"
    )
    import_documents(BytesIO(marked.encode()), Recorder())
    assert Hold.objects.get().end == End.CANCELLED
    assert not Order.objects.exists()
    assert [item.requisite("Отменен") for item in taken().values()] == ["true"]
