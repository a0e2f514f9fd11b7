"""Messages on their way into the outbox, each channel's by a receiver of its own."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from ..outbox import messages
from . import people
from .channel import Button, Text
from .models import Delivery

State = Delivery.State


def topic(name: str) -> str:
    """Of a channel's messages in the outbox."""
    return f"messages.{name}"


def say(name: str, address: str, text: Text, key: str) -> bool:
    """Say something at an address of a channel, whatever its reader's wishes are: an answer.

    Once the present transaction is committed, and once for this `key`; whether it was new.
    """
    with transaction.atomic():
        reader = people.preference(name, address)
        row, is_new = Delivery.objects.get_or_create(
            event=key,
            rule="",
            step=0,
            defaults={
                "channel": name,
                "address": address,
                "preference": reader,
                "state": State.QUEUED,
            },
        )
        if is_new:
            write(row, text)
            put(row)
    return is_new


def write(row: Delivery, text: Text) -> None:
    """Put a text into a message; it is not saved."""
    row.subject, row.body, row.way_out = text.subject, text.body, text.way_out
    row.buttons = [[button.label, button.url, button.command] for button in text.buttons]


def text_of(row: Delivery) -> Text:
    """What is said by a message."""
    buttons = tuple(Button(*parts) for parts in row.buttons)
    return Text(row.body, row.subject, buttons, row.way_out, row.about, row.order_id)


def put(row: Delivery, fallback_minutes: int = 0) -> None:
    """Have a message sent once the present transaction is committed.

    Parameters
    ----------
    fallback_minutes
        After which another channel is tried, where one is left.
    """
    row.turn += 1
    row.state = State.QUEUED
    row.due = timezone.now() + timedelta(minutes=fallback_minutes) if row.rest else None
    row.save()
    # Messages to one address arrive in their order, those to staff that are of one order. The
    # address itself is nobody's business.
    messages.append(
        topic(row.channel),
        f"{row.preference_id or row.order_id or f'message {row.pk}'}",
        {"message": row.pk},
        key=f"{row.pk}.{row.turn}",
    )
