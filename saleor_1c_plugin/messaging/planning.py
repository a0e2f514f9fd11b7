"""Events become messages: a reader of the journal that writes down what is to be said to whom."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ..days import bounds
from ..history.event import Customer, Event, Kind
from ..store import current_carts
from . import composing, outgoing, people
from .channel import StaffChannel
from .choosing import Choice, Nobody, choose, expanded, of_staff
from .models import Delivery
from .rules import Rule, fitting
from .settings import MessagesSettings
from .texts import TEXTS, about_of

State = Delivery.State

logger = logging.getLogger(__name__)


def take(events: Sequence[tuple[int, Event]]) -> None:
    """Write down what is to be said of these events, in the reader's transaction."""
    all_settings = MessagesSettings.all()
    for _number, event in events:
        if event.kind.value not in TEXTS or not all_settings:
            continue
        # What happens outside of any channel is told as in the first one.
        first = next(iter(all_settings.values()))
        settings = all_settings.get(event.channel) if event.channel else first
        if settings is not None and _is_news(event, settings):
            for rule in fitting(settings.rules, event):
                _try(event, rule, settings)


def is_stale(at: datetime, settings: MessagesSettings) -> bool:
    """Whether what has happened then is no news any more."""
    return at < timezone.now() - timedelta(hours=settings.worth_hours)


def _is_news(event: Event, settings: MessagesSettings) -> bool:
    # A cart was left when it was touched last: the journal tells of it hours later, and in time.
    return event.kind is Kind.CART_LEFT or not is_stale(event.at, settings)


def customer_of(event: Event) -> Customer:
    """Who is told; of a cart only the shop knows who fills it."""
    who, cart = event.customer, str(event.data.get("cart") or "")
    if not cart or who.email or who.phone:
        return who
    party = current_carts().parties([cart]).get(cart)
    if party is None:
        return who
    addresses = [address for address in (party.billing, party.shipping) if address]
    named = [(party.buyer.first_name, party.buyer.last_name)]
    named += [(address.first_name, address.last_name) for address in addresses]
    names = (" ".join(filter(None, name)) for name in named)
    return replace(
        who,
        id=who.id or party.buyer.id,
        email=party.buyer.email,
        phone=next((address.phone for address in addresses if address.phone), ""),
        name=who.name or next(filter(None, names), ""),
    )


def row_for(event: Event, customer: Customer, rule: str, step: int) -> Delivery:
    """A message about an event, to be filled in."""
    return Delivery(
        event=event.key,
        rule=rule[:255],
        step=step,
        about=about_of(event),
        shop_channel=event.channel,
        order_id=event.order_id,
        order_number=event.order_number,
        **people.known_by(customer),
    )


def plan(row: Delivery, event: Event, choice: Choice, settings: MessagesSettings) -> None:
    """Write a message by the chosen channel, and have it sent: now, or when night is over."""
    row.channel, row.address = choice.channel.name, choice.address
    if not isinstance(choice.channel, StaffChannel):
        row.preference = people.preference(row.channel, row.address)
    row.rest = ",".join(choice.rest)
    outgoing.write(row, composing.compose(row, event, choice, settings))
    until = composing.quiet_until(row, choice.wishes, settings)
    if until is None:
        outgoing.put(row, settings.fallback_minutes)
    else:
        row.state, row.due = State.HELD, until
        row.save()


def _try(event: Event, rule: Rule, settings: MessagesSettings) -> None:
    try:
        with transaction.atomic():
            _plan(event, rule, settings)
    except DatabaseError:
        # All of it is tried again.
        raise
    except Exception:
        # Of one event nothing can be said: those after it must not wait for that.
        logger.exception("No message can be made of the event %s", event.key)


def _plan(event: Event, rule: Rule, settings: MessagesSettings) -> None:
    if Delivery.objects.filter(event=event.key, rule=str(rule)[:255]).exists():
        return
    customer = customer_of(event)
    row = row_for(event, customer, str(rule), 0)
    try:
        names = expanded(rule.channels)
        if not of_staff().issuperset(names) and _today(customer, settings) >= settings.a_day:
            names = tuple(name for name in names if name in of_staff())
            if not names:
                raise Nobody("There were enough messages today")
        choice = choose(customer, event.order_id, names, about_of(event), settings)
    except Nobody as why:
        row.state, row.reason = State.DROPPED, str(why)
        row.save()
    else:
        plan(row, replace(event, customer=customer), choice, settings)


def _today(customer: Customer, settings: MessagesSettings) -> int:
    """How much a person was told today, by his own clock."""
    same = Q(pk=None)
    for field, value in people.known_by(customer).items():
        same |= Q(**{field: value})
    zone = composing.zone(people.preferences(customer, {}), customer.phone, settings)
    since = bounds(timezone.now().astimezone(zone).date(), zone)[0]
    rows = Delivery.objects.filter(same, created__gte=since, step=0).exclude(about="")
    rows = rows.exclude(channel__in=of_staff())
    return rows.exclude(state__in=[State.DROPPED, State.EXPIRED]).count()
