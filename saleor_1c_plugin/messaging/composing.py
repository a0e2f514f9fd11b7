"""What is said of an event to its reader: his language, his clock, and how to hear no more."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from ..history.event import Event, Kind
from ..orders.customers import normal_phone
from . import consent, links, quiet, staff, staff_texts
from .channel import Button, StaffChannel, Text, channel
from .choosing import Choice
from .models import Delivery, Preference, Template
from .settings import MessagesSettings
from .texts import TEXTS, WAY_OUT, Wording, usual
from .values import values
from .wording import fill

_EXTEND = {"ru": "Продлить", "en": "Extend"}
_SUBJECT = 200


def compose(row: Delivery, event: Event, choice: Choice, settings: MessagesSettings) -> Text:
    """The text of an event for a message whose channel and reader are known."""
    if isinstance(choice.channel, StaffChannel):
        return _to_staff(row, event, settings)
    language = consent.language(choice.wishes, settings)
    clock = zone(choice.wishes, row.phone, settings)
    wording = current(row.about, language, row.channel)
    known = values(event, language, clock, settings.shop, settings.place)
    page = links.address_of(row.preference, settings.place) if row.preference else ""
    named = "" if choice.channel.is_way_out_apart else page
    return Text(
        body=whole(fill(wording.body, known), language, named, choice.channel.stop_word),
        subject=" ".join(fill(wording.subject, known).split())[:_SUBJECT],
        buttons=_buttons(event, language),
        way_out=page,
    )


def _to_staff(row: Delivery, event: Event, settings: MessagesSettings) -> Text:
    wording = current(row.about, settings.language, row.channel)
    known = values(event, settings.language, settings.zone, settings.shop, settings.place)
    known |= staff.values(event.customer)
    return Text(
        body=fill(wording.body, known),
        subject=" ".join(fill(wording.subject, known).split())[:_SUBJECT],
        buttons=staff.buttons(event.customer, row.order_id, settings.language),
    )


def whole(body: str, language: str, page: str, stop_word: str = "") -> str:
    """A text with the way to hear no more: a word to answer, or else a page."""
    by_word, by_page = WAY_OUT[language]
    if stop_word:
        return f"{body}\n\n{by_word.format(word=stop_word)}"
    return f"{body}\n\n{by_page.format(page=page)}" if page else body


def current(about: str, language: str, name: str) -> Wording:
    """The merchant's text for a channel, the most fitting one; ours where there is none of his."""
    is_of_staff = isinstance(channel(name), StaffChannel)
    # What is written for all channels is written for buyers.
    names = [name] if is_of_staff else [name, ""]
    kind = about.partition(":")[0]
    rows = Template.objects.filter(about__in={about, kind}, language=language, channel__in=names)
    found = {(row.about, row.channel): row for row in rows}
    places = [(about, one) for one in names]
    if kind != about and (is_of_staff or about not in TEXTS):
        places += [(kind, one) for one in names]
    for place in places:
        if row := found.get(place):
            return Wording(row.subject, row.body)
    return staff_texts.usual(about, language) if is_of_staff else usual(about, language)


def zone(wishes: Sequence[Preference], phone: str, settings: MessagesSettings) -> ZoneInfo:
    """By which a person lives."""
    chosen = next((row.zone for row in wishes if row.zone), "")
    return quiet.zone_of(chosen, normal_phone(phone), settings.zone)


def quiet_until(
    row: Delivery, wishes: Sequence[Preference], settings: MessagesSettings
) -> datetime | None:
    """Until when a reader is not to be disturbed by a message; ``None``: he may be, now."""
    if isinstance(channel(row.channel), StaffChannel):
        return None
    if settings.quiet is None or row.about.partition(":")[0] in settings.urgent:
        return None
    return settings.quiet.over(timezone.now(), zone(wishes, row.phone, settings))


def _buttons(event: Event, language: str) -> tuple[Button, ...]:
    if event.kind is Kind.RESERVATION_ENDING:
        return (Button(_EXTEND[language], command=f"extend:{event.data.get('reservation')}"),)
    return ()
