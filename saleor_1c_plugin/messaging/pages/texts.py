"""The texts: what buyers are told, for the merchant to write it otherwise."""

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from ...history.event import Customer, Event, Kind
from ...outbox.staff_pages import FormKey, stale
from .. import composing, links, staff, staff_texts
from ..channel import StaffChannel, Text, channel, channels
from ..models import Template
from ..settings import MessagesSettings
from ..sms.channel import SmsChannel, plain
from ..sms.parts import measure
from ..texts import LANGUAGES, TEXTS, names_for
from ..values import values
from ..wording import WordingError, check, fill

_KEY = FormKey("messages")
_LONGEST, _SUBJECT = 4000, 200


def choose(request: HttpRequest, root: str) -> HttpResponse:
    """All of them, and which the merchant has changed."""
    titles: dict[str, Any] = {one.name: one.title for one in channels()}
    changed: dict[tuple[str, str], list[str]] = {}
    for row in Template.objects.order_by("channel"):
        changed.setdefault((row.about, row.language), []).append(row.channel)
    lines = [
        {
            "about": about,
            "texts": [
                _line(about, language, changed.get((about, language), []), titles)
                for language in LANGUAGES
            ],
        }
        for about in TEXTS
    ]
    context = {"root": root, "here": "texts", "lines": lines, "zone": _settings().zone}
    return render(request, "onec_messaging/texts.html", context)


def edit(request: HttpRequest, user: str, root: str, about: str, language: str) -> HttpResponse:
    """One of them, for all channels or for the one that the address names."""
    known = {one.name: one.title for one in channels()}
    name = request.GET.get("channel", "")
    if about not in TEXTS or language not in LANGUAGES or (name and name not in known):
        return HttpResponseNotFound()
    row = Template.objects.filter(about=about, language=language, channel=name).first()
    now = composing.current(about, language, name)
    subject, body, problem = now.subject, now.body, ""
    if request.method == "POST":
        if not _KEY.is_of(request, user):
            return stale(request)
        if request.POST.get("action") == "reset":
            Template.objects.filter(about=about, language=language, channel=name).delete()
            return HttpResponseRedirect(request.get_full_path())
        subject = " ".join(request.POST.get("subject", "").replace("\x00", "").split())[:_SUBJECT]
        body = request.POST.get("body", "").replace("\x00", "").replace("\r\n", "\n").strip()
        body = body[:_LONGEST]
        try:
            for text in (subject, body):
                check(text, _names(about, name))
        except WordingError as error:
            problem = str(error)
        if not problem and body and request.POST.get("action") == "save":
            Template.objects.update_or_create(
                about=about,
                language=language,
                channel=name,
                defaults={"subject": subject, "body": body},
            )
            return HttpResponseRedirect(f"{request.get_full_path()}")
    context: dict[str, Any] = {
        "root": root,
        "here": "texts",
        "about": about,
        # "language" is the page's own.
        "spoken": language,
        "channel": name,
        "channels": known.items(),
        "row": row,
        "subject": subject,
        "body": body,
        "problem": problem,
        "names": _names(about, name),
        "preview": None if problem else _preview(about, language, subject, body, name),
        "zone": _settings().zone,
        "form": _KEY.of(user),
    }
    return render(request, "onec_messaging/text.html", context)


def _line(
    about: str, language: str, changed: Sequence[str], titles: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "language": language,
        "body": composing.current(about, language, "").body,
        "is_changed": "" in changed,
        "channels": [titles.get(name, name) for name in changed if name],
    }


def _names(about: str, channel_name: str) -> tuple[str, ...]:
    """What texts about it may have in braces, in a channel."""
    more = staff_texts.NAMES if isinstance(channel(channel_name), StaffChannel) else ()
    return (*names_for(about), *more)


def sample(about: str) -> Event:
    """An event as it could be, to see a text with."""
    kind, _colon, status = about.partition(":")
    now = timezone.now()
    return Event(
        key="",
        kind=Kind(kind),
        at=now,
        customer=Customer(email="anna@example.com", phone="+79990000000", name="Анна Ли"),
        order_number="1024",
        data={
            "currency": "RUB",
            "total": "12500.00",
            "paid": "12500.00",
            "amount": "12500.00",
            "price": "6250.00",
            "quantity": 2,
            "status": status or "open",
            "tracking": "80080012345678",
            "page": "https://shop.example/r/1",
            "until": (now + timedelta(hours=3)).astimezone(UTC).isoformat(),
            "method": "Банковская карта",
            "delivery": "Курьер",
            "lines": [{"name": "Чашка", "quantity": 2}],
        },
    )


def _preview(
    about: str, language: str, subject: str, body: str, channel_name: str
) -> dict[str, object]:
    settings = _settings()
    shop = settings.shop or "shop.example"
    event = sample(about)
    known = values(event, language, settings.zone, shop, settings.place)
    if isinstance(channel(channel_name), StaffChannel):
        known |= staff.values(event.customer)
        body = fill(body, known)
        return {"subject": fill(subject, known), "body": body, "parts": None}
    # As long as a real one.
    page = links.address_with("x" * 16, settings.place)
    said = composing.whole(fill(body, known), language, page)
    return {"subject": fill(subject, known), "body": said, "parts": _parts(said, channel_name)}


def _parts(said: str, channel_name: str) -> int | None:
    """Parts of it as an SMS; ``None``: it goes by none."""
    named = [one for one in channels() if channel_name in ("", one.name)]
    if not any(isinstance(one, SmsChannel) for one in named):
        return None
    return measure(plain(Text(said))).parts


def _settings() -> MessagesSettings:
    return next(iter(MessagesSettings.all().values()), MessagesSettings())
