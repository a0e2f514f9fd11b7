"""Who wants to hear what, and where."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django.utils import timezone

from . import people
from .channel import Channel, Text
from .commands import Said
from .models import Preference
from .settings import MessagesSettings
from .texts import LANGUAGES

_STOPPED = {
    "ru": "Больше не пишем сюда. Чтобы снова получать сообщения, перейдите по ссылке из магазина.",
    "en": "No more messages here. To get them again, follow a link of the store's.",
}


def refusal(
    wishes: Sequence[Preference], channel: Channel, about: str, consent: Collection[str]
) -> str:
    """Why a person is not to be told of something by a channel; empty: he may be.

    Parameters
    ----------
    wishes
        At all addresses of his: what was refused at one of them is refused.
    about
        Kind of the event, for an order's status with it.
    consent
        Kinds of events, channels and groups of them, for which he must have agreed.
    """
    if any(row.opted_out for row in wishes):
        return "The reader wants no messages"
    said = [row.allowed[channel.name] for row in wishes if channel.name in row.allowed]
    if False in said:
        return "The reader wants no messages there"
    names = {channel.name, channel.group, about.partition(":")[0]}
    if names.intersection(consent) and True not in said:
        return "The reader has not agreed to it"
    return ""


def language(wishes: Sequence[Preference], settings: MessagesSettings) -> str:
    """Of the texts to a person."""
    chosen = next((row.language for row in wishes if row.language in LANGUAGES), "")
    return chosen or settings.language


def allow(row: Preference, channel: str, is_wanted: bool) -> None:
    """Note that messages may go by a channel, or may not."""
    row.allowed = {**row.allowed, channel: is_wanted}
    row.save(update_fields=["allowed"])


def opt_out(row: Preference) -> None:
    """Note that nothing is wanted any more, anywhere."""
    Preference.objects.filter(pk=row.pk, opted_out=None).update(opted_out=timezone.now())


def stop(said: Said) -> Text:
    """Write no more to where this was said; a command."""
    told = said.incoming
    with transaction.atomic():
        row = people.preference(told.channel, told.address)
        allow(row, told.channel, False)
    return Text(_STOPPED[row.language if row.language in LANGUAGES else usual_language()])


def usual_language() -> str:
    """Where nothing says otherwise: the one of the first channel of the store."""
    return next((settings.language for settings in MessagesSettings.all().values()), LANGUAGES[0])
