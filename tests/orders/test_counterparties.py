"""Counterparties of 1C's and the shop's buyers find each other."""

import pytest

from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.orders.customers import buyer_key, counterparty_ids
from saleor_1c_plugin.orders.models import CustomerLink
from saleor_1c_plugin.sandbox.models import Customer
from saleor_1c_plugin.store.orders import Buyer

from .onec import EMAIL, PHONE, Journal, party, read, send, shop_order

pytestmark = pytest.mark.django_db


def listed(*parties: str) -> str:
    return f"<Контрагенты>{''.join(parties)}</Контрагенты>"


def counts(report: Journal) -> dict[str, int]:
    return report.of(ItemKind.COUNTERPARTY)


def links() -> dict[str, str]:
    return dict(CustomerLink.objects.values_list("buyer", "onec_id"))


@pytest.mark.parametrize(
    ("buyer", "phone", "key"),
    [
        (Buyer("7", EMAIL), PHONE, "user:7"),
        (Buyer(email="Anna@Example.com "), PHONE, "email:anna@example.com"),
        (Buyer(), "8 (916) 123-45-67", "phone:+79161234567"),
        (Buyer(), "+375 29 123-45-67", "phone:+375291234567"),
        (Buyer(), "позвоните мне", ""),
        (Buyer(), "+00000000000", ""),
    ],
)
def test_the_surest_key_of_a_buyer(buyer: Buyer, phone: str, key: str) -> None:
    assert buyer_key(buyer, phone) == key


def test_buyers_go_out_by_1cs_id_or_by_their_own(django_assert_num_queries) -> None:
    ids = [
        shop_order(reference="1"),
        shop_order(reference="2", email="b@example.com"),
        shop_order(reference="3", email="", phone="89990000000"),
        shop_order(reference="4", email="", phone=""),
    ]
    CustomerLink.objects.create(buyer=f"email:{EMAIL}", onec_id="f1ee")
    orders = [read(order_id) for order_id in ids]
    with django_assert_num_queries(1):
        found = counterparty_ids(orders)
    assert [found[order_id] for order_id in ids] == [
        "f1ee",
        "email:b@example.com",
        "phone:+79990000000",
        f"order:{ids[3]}",
    ]


def test_a_guest_who_registers_stays_the_same_counterparty() -> None:
    order = read(shop_order())
    CustomerLink.objects.create(buyer=f"email:{EMAIL}", onec_id="f1ee")
    account = Customer.objects.create(email=EMAIL)
    from dataclasses import replace

    later = replace(order, buyer=Buyer(str(account.pk), EMAIL))
    assert counterparty_ids([later]) == {order.id: "f1ee"}


def test_a_counterparty_is_linked_by_e_mail_then_by_phone() -> None:
    by_email = Customer.objects.create(email=EMAIL)
    by_phone = Customer.objects.create(email="p@example.com", phone="+79990000000")
    report = send(
        listed(
            party("a", EMAIL.upper()),
            party("b", phone="8 999 000-00-00"),
            party("c", "guest@example.com"),
            party("d", name="Без почты и телефона"),
        )
    )
    assert counts(report) == {"seen": 4, "created": 3, "unchanged": 1}
    assert links() == {
        f"user:{by_email.pk}": "a",
        f"user:{by_phone.pk}": "b",
        "email:guest@example.com": "c",
    }
    assert counts(send(listed(party("a", EMAIL)))) == {"seen": 1, "unchanged": 1}


def test_our_own_counterparty_come_back_is_no_other() -> None:
    account = Customer.objects.create(email=EMAIL)
    send(listed(party(f"user:{account.pk}", EMAIL), party(f"email:{EMAIL}", EMAIL)))
    assert links() == {}


def test_e_mail_and_phone_of_two_buyers() -> None:
    mine = Customer.objects.create(email=EMAIL)
    Customer.objects.create(email="p@example.com", phone=PHONE)
    report = send(listed(party("a", EMAIL, PHONE)))
    assert any("разным покупателям" in message for message in report.messages)
    assert links() == {f"user:{mine.pk}": "a"}


def test_two_counterparties_with_one_e_mail() -> None:
    report = send(listed(party("a", EMAIL), party("b", EMAIL)))
    assert counts(report) == {"seen": 2, "created": 1, "unchanged": 1}
    assert any("другим контрагентом" in message for message in report.messages)
    assert links() == {f"email:{EMAIL}": "a"}


def test_a_deleted_counterparty_is_unlinked() -> None:
    send(listed(party("a", EMAIL)))
    gone = party("a", EMAIL, more="<ПометкаУдаления>true</ПометкаУдаления>")
    assert counts(send(listed(gone))) == {"seen": 1, "updated": 1}
    assert links() == {}
    assert counts(send(listed(gone))) == {"seen": 1, "unchanged": 1}
