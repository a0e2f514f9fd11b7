"""Reservations in 1C: told while they are in force, withdrawn when they end, never an order."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any, BinaryIO

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from saleor_1c_plugin.commerceml.documents import Document
from saleor_1c_plugin.exchange.models import JournalEntry
from saleor_1c_plugin.onec.books import Books
from saleor_1c_plugin.onec.client import Client
from saleor_1c_plugin.onec.sale import fetch_orders, send_orders
from saleor_1c_plugin.orders import sources
from saleor_1c_plugin.orders.models import OrderRecord, Watermark
from saleor_1c_plugin.orders.outgoing.settings import OutgoingSettings
from saleor_1c_plugin.reservations import holds
from saleor_1c_plugin.reservations.models import Hold
from saleor_1c_plugin.sandbox import checkout
from saleor_1c_plugin.sandbox.checkout import Wishes
from saleor_1c_plugin.sandbox.models import Cart, Customer, Order, Price, Reservation
from saleor_1c_plugin.store.orders import Address
from tests.sandbox.goods import CHANNEL, goods
from tests.sandbox.test_carts import on_hand
from tests.serving import served

from .conftest import LOGIN, PASSWORD
from .test_orders_out import documents

pytestmark = pytest.mark.django_db(transaction=True)

WISHES = Wishes("anna@example.com", Address(first_name="Анна"), delivery="courier")


@pytest.fixture(autouse=True)
def _on(_configured: None, settings: Any) -> None:
    Watermark.objects.all().delete()
    configure(settings)


def configure(settings: Any, orders: Any = None, **reservations: Any) -> None:
    settings.ONEC_CONFIGURATION = {
        **settings.ONEC_CONFIGURATION,
        "orders": orders or {},
        "reservations": {"to_onec": "true", **reservations},
    }


class OneC:
    """A 1C with its books, over real HTTP."""

    def __init__(self, url: str) -> None:
        self.client = Client(f"{url}/1c/", LOGIN, PASSWORD, kind="sale", patience=60)
        self.books = Books()

    def exchange(self) -> list[Document]:
        """Take all that is new; the documents of reservations and orders that came."""
        return [self.books[one].order for one in fetch_orders(self.client, self.books)]

    def lose(self) -> list[Document]:
        """Take what is given, and die before anything is written down or confirmed."""
        return documents(self._given())

    def take_unconfirmed(self) -> None:
        """Take it into the books, and die before it is confirmed."""
        self.books.take(BytesIO(self._given()))

    def _given(self) -> bytes:
        self.client.checkauth()
        self.client.init()
        package = BytesIO()
        self.client.query(package)
        return package.getvalue()

    def send(self, *order_ids: str) -> None:
        send_orders(self.client, self.books, order_ids)

    def send_marked(self, order_id: str) -> None:
        """Send the document, marked for deletion."""
        body = BytesIO()
        self.books.write(body, [order_id])
        marked = body.getvalue().replace(
            b"</\xd0\x94\xd0\xbe\xd0\xba\xd1\x83\xd0\xbc\xd0\xb5\xd0\xbd\xd1\x82>",
            "<ПометкаУдаления>true</ПометкаУдаления></Документ>".encode(),
        )
        self._upload(BytesIO(marked))

    def _upload(self, body: BinaryIO) -> None:
        self.client.checkauth()
        self.client.init()
        self.client.send_file("documents.xml", body, 1 << 20)
        self.client.import_file("documents.xml")


@pytest.fixture
def onec() -> Iterator[OneC]:
    with served() as url:
        yield OneC(url)


def cart(*quantities: int, customer: Customer | None = None) -> str:
    """A cart with so many of cup0, cup1, … at 100 each; its id."""
    row = Cart.objects.create(channel=CHANNEL, customer=customer)
    for number, quantity in enumerate(quantities or (2,)):
        row.lines.create(variant=goods(f"cup{number}", 100), quantity=quantity)
    return str(row.key)


def line_of(cart_id: str, number: int = 0) -> str:
    return str(Cart.objects.get(key=cart_id).lines.all()[number].pk)


def buy(cart_id: str) -> Order:
    order = checkout.place(Cart.objects.get(key=cart_id), WISHES)
    assert order is not None
    return order


def later(minutes: float) -> None:
    """So much time passes: all that was written moves into the past, and nobody is woken."""
    passed = timedelta(minutes=minutes)
    Hold.objects.update(
        began=F("began") - passed,
        ends=F("ends") - passed,
        term=F("term") - passed,
        latest=F("latest") - passed,
        ended=F("ended") - passed,
    )
    Reservation.objects.update(reserved_until=F("reserved_until") - passed)
    OrderRecord.objects.update(changed=F("changed") - passed)


def local(moment: Any) -> str:
    """By the shop's clock, which is Moscow's."""
    return str((moment + timedelta(hours=3)).replace(microsecond=0, tzinfo=None))


def is_withdrawn(document: Document) -> bool:
    assert document.requisite("Отменен") in ("true", "false")
    return document.requisite("Отменен") == "true"


def notes() -> list[str]:
    return list(JournalEntry.objects.order_by("pk").values_list("message", flat=True))


def test_a_reservation_is_told_once_and_says_what_it_is(onec: OneC) -> None:
    cart_id = cart(2, 3)
    made = holds.create(cart_id)
    Price.objects.update(amount=500)
    (found,) = onec.exchange()
    assert (found.id, len(found.id)) == (f"res-{cart_id}", 40)
    assert (found.kind, found.amount, found.currency) == ("Заказ товара", Decimal(500), "RUB")
    assert [(line.id, line.quantity, line.price, line.amount) for line in found.lines] == [
        ("cup0#1", 2, 100, 200),
        ("cup1#1", 3, 100, 300),
    ]
    assert [line.article for line in found.lines] == ["SKU-cup0", "SKU-cup1"]
    assert [(tax.amount, tax.included) for tax in found.taxes] == [(Decimal("90.17"), True)]
    told = dict(found.requisites)
    assert told["Бронь"] == "true"
    assert told["Вид документа"] == told["Статус заказа"] == "Бронь"
    assert told["Статуса заказа ИД"] == "reservation"
    assert told["Действует до"] == local(made[0].ends)
    assert told["Номер резерва"] == ", ".join(
        str(hold.pk) for hold in sorted(made, key=lambda hold: hold.line_id)
    )
    assert told["Заказ оплачен"] == told["Отменен"] == told["Доставка разрешена"] == "false"
    assert found.comment == f"Бронь до {timezone.localtime(made[0].ends):%d.%m.%Y %H:%M}"
    assert onec.exchange() == []
    # Nothing happened to it; somebody only looked after it.
    holds.review(cart_id)
    assert onec.exchange() == []


def test_the_buyer_is_the_account_s_counterparty(onec: OneC) -> None:
    anna = Customer.objects.create(email="anna@example.com", first_name="Анна", last_name="Ли")
    holds.create(cart(2, customer=anna))
    holds.create(cart(1))
    known, guest = (document.counterparties[0] for document in onec.exchange())
    assert (known.id, known.name) == (f"user:{anna.pk}", "Ли Анна")
    assert [item.value for item in known.contacts] == ["anna@example.com"]
    assert guest.name == "Покупатель"
    assert guest.id != known.id


def test_an_answer_that_is_lost_comes_again(onec: OneC) -> None:
    cart_id = cart()
    holds.create(cart_id)
    lost = onec.lose()
    assert [item.id for item in lost] == [f"res-{cart_id}"]
    assert [item.id for item in onec.exchange()] == [f"res-{cart_id}"]
    later(60)
    assert [is_withdrawn(item) for item in onec.lose()] == [True]
    assert [is_withdrawn(item) for item in onec.exchange()] == [True]
    assert onec.exchange() == []


def test_an_extension_is_told_with_its_new_end(onec: OneC) -> None:
    cart_id = cart()
    holds.create(cart_id)
    (before,) = onec.exchange()
    later(5)
    (hold,) = holds.extend(cart_id)
    (after,) = onec.exchange()
    assert after.id == before.id
    assert after.requisite("Действует до") == local(hold.ends)
    assert onec.exchange() == []


def test_one_that_is_over_is_withdrawn_though_nobody_swept(onec: OneC) -> None:
    cart_id = cart()
    holds.create(cart_id)
    (before,) = onec.exchange()
    later(60)
    (after,) = onec.exchange()
    assert not Hold.objects.exclude(end="").exists()
    assert (after.id, is_withdrawn(after)) == (before.id, True)
    assert after.requisite("Статус заказа") == "Отменён"
    assert after.requisite("Причина снятия брони") == "истёк срок"
    assert after.comment == "Бронь снята: истёк срок"
    assert after.requisite("Действует до") == ""
    # A cancelled order keeps its lines too.
    assert (after.lines, after.amount) == (before.lines, before.amount)
    # Told once, whoever tidies up afterwards.
    assert onec.exchange() == []
    holds.sweep()
    assert Hold.objects.get().end == "expired"
    assert onec.exchange() == []


def test_of_two_the_one_that_is_over_leaves_the_document(onec: OneC) -> None:
    cart_id = cart(2, 3)
    first, second = line_of(cart_id), line_of(cart_id, 1)
    holds.create(cart_id, [first])
    later(10)
    holds.create(cart_id, [second])
    ends = dict(Hold.objects.values_list("line_id", "ends"))
    (both,) = onec.exchange()
    assert both.requisite("Действует до") == local(ends[first])
    assert both.comment.splitlines() == [
        "Бронь:",
        *(
            f"Чашка cup{number} (Синяя) — до {timezone.localtime(ends[line]):%d.%m.%Y %H:%M}"
            for number, line in enumerate((first, second))
        ),
    ]
    later(8)
    (one,) = onec.exchange()
    assert [line.id for line in one.lines] == ["cup1#1"]
    assert not is_withdrawn(one)
    assert one.requisite("Действует до") == local(Hold.objects.get(line_id=second).ends)
    later(10)
    (none,) = onec.exchange()
    assert ([line.id for line in none.lines], is_withdrawn(none)) == (["cup1#1"], True)


def test_a_cancelled_one_is_withdrawn_and_comes_back_when_it_is_made_again(onec: OneC) -> None:
    cart_id = cart()
    holds.create(cart_id)
    onec.exchange()
    holds.cancel(cart_id)
    (cancelled,) = onec.exchange()
    assert (is_withdrawn(cancelled), cancelled.comment) == (True, "Бронь снята: отменена")
    holds.create(cart_id)
    (again,) = onec.exchange()
    assert (again.id, is_withdrawn(again)) == (cancelled.id, False)
    assert again.requisite("Бронь") == "true"


def test_what_1c_never_had_needs_no_withdrawal(onec: OneC) -> None:
    cart_id = cart()
    holds.create(cart_id)
    holds.cancel(cart_id)
    assert onec.exchange() == []
    holds.create(cart_id)
    later(60)
    assert onec.exchange() == []
    assert not OrderRecord.objects.exists()


def test_bought_the_order_is_told_and_the_reservation_withdrawn(onec: OneC) -> None:
    cart_id = cart()
    (hold,) = holds.create(cart_id)
    onec.exchange()
    order = buy(cart_id)
    found = {item.id: item for item in onec.exchange()}
    assert found.keys() == {str(order.key), f"res-{cart_id}"}
    told, withdrawn = found[str(order.key)], found[f"res-{cart_id}"]
    assert told.requisite("Номер резерва") == str(hold.pk) == withdrawn.requisite("Номер резерва")
    assert told.requisite("Резерв до") == local(hold.ends)
    assert told.requisite("Бронь") == ""
    assert is_withdrawn(withdrawn)
    assert withdrawn.requisite("Заказ по брони") == str(order.pk)
    assert withdrawn.comment == f"Бронь снята: оформлен заказ № {order.pk}"
    # The cart is gone, and the order tells whose it was.
    assert [item.value for item in withdrawn.counterparties[0].contacts] == ["anna@example.com"]
    assert onec.exchange() == []


def test_less_stock_withdraws_the_newest(onec: OneC) -> None:
    older, newer = cart(60), cart(40)
    for cart_id in (older, newer):
        holds.create(cart_id)
    assert len(onec.exchange()) == 2
    on_hand(goods("cup0"), 70)
    (found,) = onec.exchange()
    assert (found.id, is_withdrawn(found)) == (f"res-{newer}", True)
    assert found.requisite("Причина снятия брони") == "товара не хватило"


def test_the_number_of_queries_does_not_grow_with_the_reservations(onec: OneC) -> None:
    def count(carts: int) -> int:
        for _ in range(carts):
            holds.create(cart(1))
        with CaptureQueriesContext(connection) as found:
            ids = list(Hold.objects.values_list("cart_id", flat=True))
            read = sources.read([f"res-{one}" for one in ids], OutgoingSettings().zone)
        assert len(read) == len(ids)
        return len(found)

    assert count(2) == count(10)


def test_only_where_the_merchant_wants_it(onec: OneC, settings: Any) -> None:
    configure(settings, to_onec="false")
    cart_id = cart()
    holds.create(cart_id)
    assert onec.exchange() == []
    assert not OrderRecord.objects.exists()
    configure(settings)
    holds.extend(cart_id)
    # Which orders are wanted says nothing of it: it is never paid.
    configure(settings, {"only_paid": "true", "since": "2100-01-01"})
    assert len(onec.exchange()) == 1
    configure(settings, to_onec="false")
    holds.cancel(cart_id)
    assert [is_withdrawn(item) for item in onec.exchange()] == [True]


def test_the_status_is_offered_to_1c_where_it_may_come(onec: OneC, settings: Any) -> None:
    def lists() -> str:
        onec.client.checkauth()
        body = BytesIO()
        onec.client.info(body)
        return body.getvalue().decode()

    entry = "<Ид>reservation</Ид><Название>Бронь</Название>"
    assert entry in lists()
    configure(settings, to_onec="false")
    assert entry not in lists()


def test_sent_back_by_1c_it_makes_and_changes_no_order(onec: OneC, settings: Any) -> None:
    configure(settings, {"create_orders": "true", "new_order_channel": CHANNEL})
    cart_id = cart()
    (hold,) = holds.create(cart_id)
    document_id = f"res-{cart_id}"
    onec.exchange()
    onec.books.post(document_id)
    onec.books.pay(document_id)
    onec.books.ship(document_id)
    onec.send(document_id)
    assert not Order.objects.exists()
    hold.refresh_from_db()
    assert hold.end == ""
    said = notes()
    assert any("Это бронь, а не заказ" in note for note in said)
    assert sum("основание — бронь, а не заказ" in note for note in said) == 2
    # No news to 1C, and nothing new in the journal however often 1C sends it.
    assert onec.exchange() == []
    onec.send(document_id)
    assert sum("Это бронь, а не заказ" in note for note in notes()) == 1
    # 1C's own number is known from now on.
    holds.cancel(cart_id)
    (found,) = onec.exchange()
    assert found.onec_number == "ТД00-000001"


def test_a_mark_for_deletion_in_1c_releases_the_hold(onec: OneC) -> None:
    cart_id = cart()
    (hold,) = holds.create(cart_id)
    onec.exchange()
    onec.send_marked(f"res-{cart_id}")
    hold.refresh_from_db()
    assert hold.end == "cancelled"
    assert not Reservation.objects.exists()
    assert "Снято в магазине: документ помечен на удаление в 1С" in notes()
    assert [is_withdrawn(item) for item in onec.exchange()] == [True]


def test_a_mark_on_what_was_extended_since_is_no_answer_to_it(onec: OneC) -> None:
    cart_id = cart()
    holds.create(cart_id)
    onec.exchange()
    later(5)
    (hold,) = holds.extend(cart_id)
    onec.send_marked(f"res-{cart_id}")
    hold.refresh_from_db()
    assert hold.end == ""
    assert any("с тех пор изменена" in note for note in notes())


def test_a_mark_that_came_too_early_counts_when_it_comes_again(onec: OneC) -> None:
    cart_id = cart()
    (hold,) = holds.create(cart_id)
    onec.take_unconfirmed()
    onec.send_marked(f"res-{cart_id}")
    hold.refresh_from_db()
    assert hold.end == ""
    onec.exchange()
    onec.send_marked(f"res-{cart_id}")
    hold.refresh_from_db()
    assert hold.end == "cancelled"


def test_a_mark_is_ignored_where_the_merchant_says_so(onec: OneC, settings: Any) -> None:
    configure(settings, {"deletion_mark": "ignore"})
    cart_id = cart()
    (hold,) = holds.create(cart_id)
    onec.exchange()
    onec.send_marked(f"res-{cart_id}")
    hold.refresh_from_db()
    assert hold.end == ""


def test_a_mark_on_one_whose_cart_is_gone_does_no_harm(onec: OneC) -> None:
    cart_id = cart()
    holds.create(cart_id)
    onec.exchange()
    with transaction.atomic():
        Cart.objects.all().delete()
    holds.sweep()
    assert [is_withdrawn(item) for item in onec.exchange()] == [True]
    onec.send_marked(f"res-{cart_id}")
    assert any("снимать уже нечего" in note for note in notes())
    assert not Order.objects.exists()
