"""Telling the store's own people: of events, by the merchant's rules; and of what needs a person.

Rules name channels to staff as they name those to buyers. What buyers write that is no command,
and customers who can't be told apart in a CRM, go to the channels of the setting ``staff``.
"""

from collections.abc import Iterator, Mapping

from django.db import transaction
from django.utils import timezone

from ..crm import people as crm_people
from ..crm.adapter import Kind as Record
from ..crm.adapter import System, systems
from ..crm.models import Link
from ..history.event import Customer
from ..store import current_payments, current_store
from . import outgoing, people, staff_texts
from .channel import Button, Incoming, Text, channel
from .choosing import Choice, Nobody, choose, expanded
from .models import Delivery, Heard
from .settings import MessagesSettings
from .values import absolute

State = Delivery.State

_CRM = "saleor1c.crm"


def values(customer: Customer) -> Mapping[str, str]:
    """Name → value, of what texts to staff may have in braces beside what those to buyers may."""
    known = people.known_by(customer)
    name = " ".join(customer.name.split())
    return {"buyer": ", ".join(filter(None, [name, known.get("phone"), known.get("email")]))}


def buttons(customer: Customer, order_id: str, language: str) -> tuple[Button, ...]:
    """What leads to the order's deal in each CRM, or to the customer where there is none yet."""
    found = (_button(system, saved, customer, order_id, language) for system, saved in _crms())
    return tuple(filter(None, found))


def unknown(heard: Heard, told: Incoming, who: people.Linked) -> None:
    """Have somebody read what a buyer has written."""
    where = f"{found.title if (found := channel(told.channel)) else told.channel}"
    fields = {"where": where, "address": told.address, "text": heard.text}
    customer = Customer(id=who.customer_id)
    order_id = next(reversed(who.order_ids), "")
    _tell(_key_of(heard.pk), staff_texts.UNKNOWN, fields, customer=customer, order_id=order_id)


def doubtful(system: System) -> None:
    """Have somebody decide who is who in a CRM; he is told once an hour, however many there are."""
    hour = timezone.now().strftime("%Y-%m-%dT%H")
    page = current_payments().page_address(_CRM, "")
    key = f"doubtful:{system.name}:{hour}"
    _tell(key, staff_texts.DOUBTFUL, {"system": f"{system.title}"}, page=page)


def of_heard(heard: list[int]) -> list[str]:
    """Names of the events by which staff were told of what people have written."""
    return [_event(_key_of(one)) for one in heard]


def pass_on(row: Delivery, choice: Choice, settings: MessagesSettings) -> None:
    """Say the same by the next channel; it is of no event, so that its text is as it was."""
    following = Delivery(
        **{
            name: getattr(row, name)
            for name in ("event", "rule", "order_id", "customer_id", "email", "phone")
        },
        step=row.step + 1,
        channel=choice.channel.name,
        address=choice.address,
        rest=",".join(choice.rest),
    )
    outgoing.write(following, outgoing.text_of(row))
    outgoing.put(following, settings.fallback_minutes)


def _tell(
    key: str,
    wording: Mapping[str, tuple[str, str]],
    fields: Mapping[str, str],
    *,
    customer: Customer | None = None,
    order_id: str = "",
    page: str = "",
) -> None:
    """Once for this `key`, by the first channel of the setting; nobody where there is none."""
    settings = next((one for one in MessagesSettings.all().values() if one.staff), None)
    if settings is None:
        return
    who = customer or Customer()
    try:
        choice = choose(who, order_id, expanded(settings.staff), "", settings)
    except Nobody:
        return
    subject, body = (text.format_map(fields) for text in wording[settings.language])
    more = buttons(who, order_id, settings.language)
    if address := absolute(page, settings.place):
        more += (Button(staff_texts.DECIDE[settings.language], address),)
    with transaction.atomic():
        row, is_new = Delivery.objects.get_or_create(
            event=_event(key),
            rule="",
            step=0,
            defaults={
                "channel": choice.channel.name,
                "address": choice.address,
                "rest": ",".join(choice.rest),
                "order_id": order_id,
                "state": State.QUEUED,
                **people.known_by(who),
            },
        )
        if is_new:
            outgoing.write(row, Text(body, subject, more))
            outgoing.put(row, settings.fallback_minutes)


def _event(key: str) -> str:
    return f"staff:{key}"


def _key_of(heard: int) -> str:
    return f"heard:{heard}"


def _crms() -> Iterator[tuple[System, Mapping[str, object]]]:
    """Those that are switched on, with their settings."""
    for system in systems():
        saved = current_store().configuration(system.name)
        if saved is not None:
            yield system, saved


def _button(
    system: System,
    saved: Mapping[str, object],
    customer: Customer,
    order_id: str,
    language: str,
) -> Button | None:
    place = records(system.name, customer, order_id)
    for kind, label in ((Record.DEAL, staff_texts.DEAL), (Record.CONTACT, staff_texts.CONTACT)):
        if kind in place and (page := system.page(saved, kind, place[kind])):
            return Button(label[language], page)
    return None


def records(system: str, customer: Customer, order_id: str) -> Mapping[Record, str]:
    """Ids in a CRM of an order's deal and of a customer, as far as they are there already."""
    rows = Link.objects.filter(system=system).exclude(theirs="")
    found = {}
    if order_id:
        deal = rows.filter(of=Link.Of.DEAL, ours=order_id).first()
        if deal is not None:
            found[Record.DEAL] = deal.theirs
    # Somebody else may have the same phone.
    surely = Customer(id=customer.id, email=customer.email)
    who = crm_people.known(surely)
    known = rows.filter(of=Link.Of.CONTACT, ours__in=[str(one.pk) for one in who])
    if len(contacts := set(known.values_list("theirs", flat=True))) == 1:
        found[Record.CONTACT] = contacts.pop()
    return found
