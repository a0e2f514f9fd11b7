"""1C as a CRM: accounts go there before they order, and what it knows of buyers comes back."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import etree

from saleor_1c_plugin.commerceml.documents import Document
from saleor_1c_plugin.crm.onec.models import Card, Told
from saleor_1c_plugin.crm.onec.settings import OnecCrmSettings, SettingsError
from saleor_1c_plugin.crm.onec.tasks import look_through
from saleor_1c_plugin.exchange.models import JournalEntry
from saleor_1c_plugin.history import erasing, journal, telling
from saleor_1c_plugin.history.event import Customer as Who
from saleor_1c_plugin.history.event import Event, Kind
from saleor_1c_plugin.orders.models import CustomerLink, OrderRecord, Watermark
from saleor_1c_plugin.remembered import Remembered
from saleor_1c_plugin.sandbox.models import Customer, Order
from saleor_1c_plugin.sandbox.orders import SandboxOrderStore
from saleor_1c_plugin.store.orders import Address, Buyer, LineChange, NewOrder
from tests.commerceml.shared import needs_data, published
from tests.orders.onec import document, package, party
from tests.sandbox.goods import CHANNEL, goods
from tests.serving import served

from .test_reservations import OneC as Books

pytestmark = pytest.mark.django_db(transaction=True)

EMAIL, PHONE = "anna@example.com", "+79001234567"
#: As 1C calls her.
GUID = "f1eeedab-5cfb-11df-a14c-00155d3ebc00"
ON = {"cards": "true", "contacts_back": "true"}


class OneC(Books):
    """1C with its books, that can also write by hand what another one would."""

    def say(self, *parts: str) -> None:
        self._upload(
            BytesIO(package(*parts, created=f"{timezone.now():%Y-%m-%dT%H:%M:%S}").encode())
        )


@pytest.fixture(autouse=True)
def _on(_configured: None, settings: Any) -> None:
    Watermark.objects.all().delete()
    configure(settings, ON)


@pytest.fixture
def onec() -> Iterator[OneC]:
    with served() as url:
        yield OneC(url)


def configure(settings: Any, crm_onec: Any, **more: Any) -> None:
    settings.ONEC_CONFIGURATION = {
        **settings.ONEC_CONFIGURATION,
        "orders": {},
        "history": {},
        "crm_onec": crm_onec,
        **more,
    }
    Remembered.forget_all()
    # From now on.
    look_through()


def anna(**more: Any) -> Customer:
    made = Customer.objects.create(
        **{"email": EMAIL, "first_name": "Анна", "last_name": "Ли", "phone": PHONE, **more}
    )
    look_through()
    return made


def order(customer: Customer, *, reference: str = "1", address: Address | None = None) -> str:
    """An order of hers, of the shop's own."""
    buyer = Buyer(str(customer.pk), customer.email, customer.first_name, customer.last_name)
    lines = (LineChange(1, variant_id=str(goods("cup0").pk)),)
    new = NewOrder(reference, CHANNEL, buyer, lines, address)
    with transaction.atomic():
        order_id = SandboxOrderStore().create_order(new)
    Order.objects.filter(key=order_id).update(onec_reference="")
    return order_id


def card(customer: Customer) -> str:
    return f"acc-{customer.pk}"


def answered(customer: Customer, **more: Any) -> str:
    """The card as УНФ sends it back: by the site's number, with an id and a buyer of its own."""
    buyer = party(**{"onec_id": GUID, "email": EMAIL, "phone": PHONE, **more})
    requisites = {"Проведен": "false", "Отменен": "true"}
    return document(
        "8f9a0d1e-0000-11ef-9999-00155d3ebc00",
        number=card(customer),
        amount="0",
        buyer=buyer,
        requisites=requisites,
    )


def person(first: str, last: str) -> str:
    return f"<Имя>{first}</Имя><Фамилия>{last}</Фамилия>"


def journalled(level: str) -> list[str]:
    rows = JournalEntry.objects.filter(level=level).order_by("pk")
    return list(rows.values_list("message", flat=True))


def reread(customer: Customer) -> Customer:
    customer.refresh_from_db()
    return customer


def test_an_account_is_told_of_once(onec: OneC) -> None:
    made = anna()
    (found,) = onec.exchange()
    assert (found.id, found.number, found.kind) == (card(made), card(made), "Заказ товара")
    assert (found.lines, found.amount, found.currency) == ((), 0, "RUB")
    assert found.issued == timezone.localdate(made.joined)
    (buyer,) = found.counterparties
    assert (buyer.id, buyer.name) == (f"user:{made.pk}", "Ли Анна")
    assert (buyer.first_name, buyer.last_name) == ("Анна", "Ли")
    assert [contact.value for contact in buyer.contacts] == [EMAIL, PHONE]
    # Nobody has to do anything with it.
    assert found.requisite("Отменен") == "true"
    assert found.requisite("Заказ оплачен") == found.requisite("Доставка разрешена") == "false"
    assert found.requisite("Статус заказа") == "Карточка покупателя"
    look_through()
    assert onec.exchange() == []


@needs_data
@pytest.mark.parametrize("schema", ["2.08", "2.09"])
def test_the_published_schema_allows_it(onec: OneC, settings: Any, schema: str) -> None:
    made = anna()
    configure(settings, ON, orders={"schema": schema})
    body = onec._given().decode()
    assert card(made) in body
    # As 1C reads it, which has its elements in a namespace.
    root = "<КоммерческаяИнформация "
    named = body.replace(root, f'{root}xmlns="urn:1C.ru:commerceml_2" ')
    published(schema).assertValid(etree.fromstring(named.encode()))


def test_she_is_the_same_counterparty_in_her_orders(onec: OneC) -> None:
    made = anna()
    (told,) = onec.exchange()
    order_id = order(made)
    (found,) = onec.exchange()
    assert found.id == order_id
    assert found.counterparties[0].id == told.counterparties[0].id


def test_who_has_ordered_goes_in_the_order_alone(onec: OneC) -> None:
    order_id = order(anna())
    assert [found.id for found in onec.exchange()] == [order_id]
    assert onec.exchange() == []


def test_an_answer_that_is_lost_comes_again(onec: OneC) -> None:
    made = anna()
    assert [found.id for found in onec.lose()] == [card(made)]
    assert [found.id for found in onec.exchange()] == [card(made)]


def test_what_she_changes_is_told_and_nothing_else(onec: OneC) -> None:
    made = anna()
    onec.exchange()
    made.metadata = {"theme": "dark"}
    made.save()
    assert onec.exchange() == []
    made.last_name = "Лиева"
    made.save()
    (found,) = onec.exchange()
    assert (found.id, found.counterparties[0].name) == (card(made), "Лиева Анна")


@pytest.mark.parametrize("crm_onec", [None, {}, {"cards": "false"}])
def test_nobody_goes_there_unasked(onec: OneC, settings: Any, crm_onec: Any) -> None:
    configure(settings, crm_onec)
    made = anna()
    made.save()
    assert onec.exchange() == []
    assert not OrderRecord.objects.exists()


def test_what_it_missed_while_that_was_off_is_told(onec: OneC, settings: Any) -> None:
    anna()
    onec.exchange()
    missed = anna(email="b@example.com")
    configure(settings, {})
    meanwhile = anna(email="c@example.com")
    assert onec.exchange() == []
    configure(settings, ON)
    assert {found.id for found in onec.exchange()} == {card(missed), card(meanwhile)}


def test_older_accounts_go_from_a_day_on(onec: OneC, settings: Any) -> None:
    old, older = anna(), anna(email="b@example.com")
    for made, days in ((old, 2), (older, 9)):
        Customer.objects.filter(pk=made.pk).update(joined=timezone.now() - timedelta(days=days))
    Card.objects.all().delete()
    OrderRecord.objects.all().delete()
    look_through()
    assert onec.exchange() == []
    since = timezone.localdate() - timedelta(days=3)
    configure(settings, {**ON, "since": since.isoformat()})
    assert [found.id for found in onec.exchange()] == [card(old)]
    look_through()
    assert onec.exchange() == []


def test_an_account_that_is_gone_is_not_told_of(onec: OneC) -> None:
    made = anna()
    made.delete()
    assert onec.exchange() == []


def test_the_number_of_queries_does_not_depend_on_how_many(onec: OneC) -> None:
    def asked(count: int) -> int:
        for number in range(count):
            Customer.objects.create(email=f"{count}-{number}@example.com")
        look_through()
        onec.client.checkauth()
        onec.client.init()
        with CaptureQueriesContext(connection) as queries:
            onec.client.query(BytesIO())
        onec.client.confirm()
        return len(queries)

    asked(1)
    assert asked(2) == asked(30)


def test_1c_tells_who_she_is_there(onec: OneC) -> None:
    made = anna()
    onec.exchange()
    onec.say(answered(made, name="Ли Анна", more="<Комментарий>платит в срок</Комментарий>"))
    assert list(CustomerLink.objects.values_list("buyer", "onec_id")) == [(f"user:{made.pk}", GUID)]
    assert reread(made).private_metadata == {
        "onec.crm.onec.id": GUID,
        "onec.crm.onec.name": "Ли Анна",
        "onec.crm.onec.comment": "платит в срок",
    }
    # Not an order that is missing, and no news to whom it came from.
    assert journalled("error") == journalled("warning") == []
    assert onec.exchange() == []
    order_id = order(made)
    (found,) = onec.exchange()
    assert (found.id, found.counterparties[0].id) == (order_id, GUID)


def test_our_own_words_back_say_nothing(onec: OneC) -> None:
    made = anna()
    onec.exchange()
    onec.send(card(made))
    assert not CustomerLink.objects.exists()
    assert reread(made).private_metadata == {}
    assert onec.exchange() == []


def test_somebody_else_of_the_same_name_is_not_her(onec: OneC) -> None:
    """УНФ finds counterparties by their names."""
    made = anna()
    onec.exchange()
    onec.say(answered(made, email="other@example.com", phone="+79990000000"))
    assert not CustomerLink.objects.exists()
    assert reread(made).private_metadata == {}


def test_a_deletion_mark_deletes_nobody(onec: OneC) -> None:
    made = anna()
    onec.exchange()
    onec.send_marked(card(made))
    assert Customer.objects.filter(pk=made.pk).exists()
    assert journalled("error") == journalled("warning") == []
    assert onec.exchange() == []


class TestContacts:
    """Names and phones come back."""

    @pytest.fixture(autouse=True)
    def _known(self, onec: OneC) -> None:
        self.onec = onec
        self.anna = anna()
        onec.exchange()
        self.say(person("Анна", "Ли"))

    def say(self, more: str, email: str = EMAIL, phone: str = PHONE) -> tuple[str, str, str]:
        """What 1C has of her now; what the account has then."""
        parties = party(GUID, email, phone, more=more)
        self.onec.say(f"<Контрагенты>{parties}</Контрагенты>")
        found = reread(self.anna)
        return found.first_name, found.last_name, found.phone

    def change(self, **values: str) -> None:
        for name, value in values.items():
            setattr(self.anna, name, value)
        self.anna.save()
        self.onec.exchange()

    def test_what_1c_changes_is_changed_here(self) -> None:
        assert self.say(person("Анна", "Лиева")) == ("Анна", "Лиева", PHONE)
        assert self.say(person("Анна", "Лиева"), phone="8 999 000-00-00") == (
            *("Анна", "Лиева"),
            "+79990000000",
        )
        # It is no news to whom it came from.
        assert self.onec.exchange() == []
        assert journalled("error") == journalled("warning") == []

    def test_an_e_mail_address_never_is(self) -> None:
        assert self.say(person("Анна", "Лиева"), email="new@example.com") == (
            "Анна",
            "Лиева",
            PHONE,
        )
        assert reread(self.anna).email == EMAIL

    def test_what_she_changes_stays_though_1c_repeats_itself(self) -> None:
        self.change(last_name="Лиева", phone="+79990000000")
        assert self.say(person("Анна", "Ли")) == ("Анна", "Лиева", "+79990000000")
        assert self.say(person("Анна", "Ли")) == ("Анна", "Лиева", "+79990000000")

    def test_a_change_of_hers_that_1c_has_not_taken_is_still_told(self) -> None:
        self.anna.last_name = "Лиева"
        self.anna.save()
        self.say(person("Анна", "Ли"), phone="+79990000000")
        (found,) = self.onec.exchange()
        assert found.counterparties[0].name == "Лиева Анна"

    def test_whom_nobody_can_tell_for_her_changes_nothing(self) -> None:
        """One counterparty may stand for all of retail."""
        found = self.say(
            person("Розничный", "Покупатель"), email="shop@example.com", phone="+79995555555"
        )
        assert found == ("Анна", "Ли", PHONE)

    def test_a_company_s_name_is_nobody_s(self) -> None:
        more = "<ОфициальноеНаименование>ООО «Ли»</ОфициальноеНаименование>"
        assert self.say(more) == ("Анна", "Ли", PHONE)
        assert reread(self.anna).private_metadata["onec.crm.onec.name"] == "ООО «Ли»"

    def test_not_where_it_is_not_wanted(self, settings: Any) -> None:
        configure(settings, {"cards": "true"})
        assert self.say(person("Анна", "Лиева")) == ("Анна", "Ли", PHONE)

    def test_another_s_parcel_does_not_rename_her(self) -> None:
        """1C may have from an order itself what it tells with it."""
        pyotr = Address("Пётр", "Иванов", phone="+79991112233")
        order_id = order(self.anna, address=pyotr)
        self.onec.exchange()
        self.onec.send(order_id)
        found = reread(self.anna)
        assert (found.first_name, found.last_name, found.phone) == ("Анна", "Ли", PHONE)


def test_what_is_empty_here_is_filled(onec: OneC) -> None:
    made = anna(first_name="", last_name="", phone="")
    onec.exchange()
    onec.say(answered(made, phone=PHONE, more=person("Анна", "Ли")))
    found = reread(made)
    assert (found.first_name, found.last_name, found.phone) == ("Анна", "Ли", PHONE)
    assert onec.exchange() == []


def test_requisites_of_a_counterparty_are_shown_to_the_staff(onec: OneC) -> None:
    made = anna()

    def say(group: str) -> dict[str, str]:
        value = f"<Наименование>Группа</Наименование><Значение>{group}</Значение>"
        more = (
            "<ИНН>7707083893</ИНН><ЗначенияРеквизитов>"
            f"<ЗначениеРеквизита>{value}</ЗначениеРеквизита></ЗначенияРеквизитов>"
        )
        onec.say(f"<Контрагенты>{party(GUID, EMAIL, more=more)}</Контрагенты>")
        found: dict[str, str] = reread(made).private_metadata
        return found

    assert say("Опт") == {
        "onec.crm.onec.id": GUID,
        "onec.crm.onec.name": "Анна",
        "onec.crm.onec.inn": "7707083893",
        "onec.crm.onec.Группа": "Опт",
    }
    assert "onec.crm.onec.Группа" not in say("")
    assert reread(made).metadata == {}


def test_a_guest_s_counterparty_is_nobody_s_account(onec: OneC) -> None:
    onec.say(f"<Контрагенты>{party(GUID, 'guest@example.com')}</Контрагенты>")
    assert CustomerLink.objects.get().buyer == "email:guest@example.com"
    assert not Told.objects.exists()
    assert journalled("error") == []


def test_who_is_forgotten_here_is_blank_there(onec: OneC, settings: Any) -> None:
    made = anna()
    onec.exchange()
    onec.say(answered(made, more=person("Анна", "Ли")))
    CustomerLink.objects.create(buyer=f"email:{EMAIL}", onec_id=GUID)
    assert Told.objects.exists()
    pk = str(made.pk)
    who = erasing.Person(frozenset({pk}), frozenset({EMAIL}), frozenset({PHONE}))
    assert telling.told(who)["crm_onec"] == [
        {"known_by": f"user:{pk}", "counterparty": GUID},
        {"counterparty": GUID, "first_name": "Анна", "last_name": "Ли", "phone": PHONE},
        {"document": f"acc-{pk}"},
        {"known_by": f"email:{EMAIL}", "counterparty": GUID},
    ]
    erasing.forget(who)
    made.delete()
    configure(settings, {"contacts_back": "true"})
    (found,) = onec.exchange()
    assert (found.id, found.counterparties[0].id) == (f"acc-{pk}", GUID)
    assert found.counterparties[0].name == "Покупатель"
    assert found.counterparties[0].contacts == ()
    assert found.requisite("Удалить персональные данные") == "true"
    assert not Told.objects.exists()
    assert list(CustomerLink.objects.values_list("buyer", flat=True)) == [f"user:{pk}"]
    assert onec.exchange() == []


def test_whom_1c_was_never_told_of_it_is_not_told_to_forget(onec: OneC, settings: Any) -> None:
    configure(settings, {})
    made = anna()
    erasing.forget(erasing.Person(frozenset({str(made.pk)})))
    configure(settings, ON)
    assert onec.exchange() == []


class TestTimeline:
    """Events that the merchant has chosen stand in the order's document."""

    @pytest.fixture(autouse=True)
    def _chosen(self, onec: OneC, settings: Any) -> None:
        self.onec = onec
        configure(settings, {"timeline": "message.sent message.received"})
        journal.read_on()
        self.order_id = order(anna())
        (found,) = onec.exchange()
        assert found.requisite("История") == ""

    def happens(self, key: str, kind: Kind, **data: str) -> list[Document]:
        """What 1C gets then."""
        event = Event(
            key, kind, timezone.now(), Who(email=EMAIL), order_id=self.order_id, data=data
        )
        with transaction.atomic():
            journal.record([event])
        journal.read_on()
        return self.onec.exchange()

    def test_an_event_is_told_in_it(self) -> None:
        (found,) = self.happens("m:1", Kind.MESSAGE_SENT, channel="telegram", about="order.paid")
        assert found.id == self.order_id
        told = found.requisite("История")
        assert told.startswith(f"{timezone.localtime():%d.%m.%Y}")
        assert told.endswith("telegram, order.paid")
        assert EMAIL not in told
        (found,) = self.happens("m:2", Kind.MESSAGE_RECEIVED, channel="telegram")
        assert found.requisite("История").count("telegram") == 2
        assert self.onec.exchange() == []

    def test_others_are_not(self) -> None:
        assert self.happens("w:1", Kind.CART_LEFT) == []

    def test_the_last_ones_that_there_is_room_for(self) -> None:
        for number in range(20):
            about = f"{number:02}" + "ы" * 80
            (found,) = self.happens(f"m:{number}", Kind.MESSAGE_SENT, channel="sms", about=about)
        told = found.requisite("История")
        assert len(told) <= 1000
        assert "19ы" in told
        assert "00ы" not in told


@pytest.mark.parametrize(
    ("saved", "fault"),
    [
        ({"since": "вчера"}, "since"),
        ({"timeline": "order.placed nonsense"}, "timeline"),
        ({"cards": "maybe"}, "cards"),
    ],
)
def test_settings_that_can_t_be_used(saved: dict[str, str], fault: str) -> None:
    with pytest.raises(SettingsError) as caught:
        OnecCrmSettings.from_configuration(saved)
    assert set(caught.value.faults) == {fault}


def test_it_needs_the_orders_and_for_events_the_journal(settings: Any) -> None:
    configure(settings, None, orders=None, history=None)
    with pytest.raises(SettingsError) as caught:
        OnecCrmSettings.from_configuration({"timeline": "message.sent"})
    assert set(caught.value.faults) == {"cards", "timeline"}
