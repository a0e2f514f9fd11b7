"""Looking at what people have done in a CRM: which records were touched, then what is new there.

A look is a message of the outbox, and so is every further part of it. Records are read while we
have a turn with their people, so that nobody of ours writes them meanwhile; those that are being
written are looked at behind that.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from ..configuration import Configuration
from ..outbox import messages
from ..store import current_store
from . import applying, news
from .adapter import Kind, System, systems
from .back_settings import BackSettings
from .models import Link, Look, Mark
from .returning import Returning, Touched
from .settings import CrmSettings
from .turns import turn

_OBJECT = "back"
_KINDS = (Kind.CONTACT, Kind.DEAL)
#: As many are read at once.
_AT_A_TIME = 50
#: However often a CRM calls, it is not asked more often.
_PAUSE = timedelta(seconds=15)

type _Touched = Mapping[tuple[Kind, str], Touched]


def look_around() -> None:
    """Have every CRM asked whose time has come, or that has called; safe to run at any time."""
    now = timezone.now()
    for system in systems():
        settings = settings_of(system)
        if settings is None:
            continue
        row = _look(system)
        every = timedelta(minutes=settings.minutes)
        if row.is_woken or row.asked is None or row.asked <= now - every:
            _ask(system)


def wake(system: System) -> None:
    """A CRM has called: have it asked soon."""
    if settings_of(system) is None:
        return
    asked = _look(system).asked
    if asked is None or asked <= timezone.now() - _PAUSE:
        _ask(system)
    else:
        # The regular work asks, in a minute.
        Look.objects.filter(system=system.name).update(is_woken=True)


def settings_of(system: System) -> BackSettings | None:
    """What is set about what comes back; ``None``: nothing does."""
    if not isinstance(system, Returning) or CrmSettings.load() is None:
        return None
    saved = current_store().configuration(system.name)
    if saved is None:
        return None
    settings = BackSettings.read(Configuration(saved))
    return settings if settings.minutes else None


def step(system: System, saved: Mapping[str, object], number: int) -> None:
    """Ask once which records were touched, and see to them."""
    settings = settings_of(system)
    row = Look.objects.filter(system=system.name).first()
    if settings is None or row is None or not isinstance(system, Returning):
        return
    changes = system.changed(saved, row.cursor)
    touched = {(one.kind, one.id): one for one in changes.touched}
    links = _stale(system, touched)
    busy: list[Link] = []
    for start in range(0, len(links), _AT_A_TIME):
        part = links[start : start + _AT_A_TIME]
        busy += _see(system, saved, settings, part, touched, row.began)
    with transaction.atomic():
        people = _people(busy)
        for link in busy:
            object = people.get(link.pk, _OBJECT)
            payload = {"there": [link.of, link.theirs], "person": object}
            messages.append(system.topic, object, payload, key=f"there:{link.pk}:{uuid4().hex}")
        same = Look.objects.filter(system=system.name, cursor=row.cursor)
        ended = {} if changes.is_more else {"ended": timezone.now()}
        if same.update(cursor=changes.cursor, **ended) and changes.is_more:
            key = f"back:{number}:{uuid4().hex}"
            messages.append(system.topic, _OBJECT, {"back": number}, key=key)


def see_one(system: System, saved: Mapping[str, object], of: str, record: str) -> None:
    """See to a record that somebody was writing; whoever calls has a turn with its person."""
    settings = settings_of(system)
    row = Look.objects.filter(system=system.name).first()
    link = Link.objects.filter(system=system.name, of=of, theirs=record).first()
    if settings and row and link and isinstance(system, Returning):
        _apply(system, saved, settings, [link], {}, row.began)


def _look(system: System) -> Look:
    return Look.objects.get_or_create(system=system.name)[0]


def _ask(system: System) -> None:
    with transaction.atomic():
        row = Look.objects.select_for_update().get(system=system.name)
        row.number += 1
        row.asked, row.is_woken = timezone.now(), False
        row.save(update_fields=["number", "asked", "is_woken"])
        key = f"back:{row.number}"
        messages.append(system.topic, _OBJECT, {"back": row.number}, key=key, coalesce=True)


def _stale(system: System, touched: _Touched) -> list[Link]:
    """Of the touched records those that are ours, and that were not seen as they are now."""
    ids = [record for _kind, record in touched]
    rows = Link.objects.filter(system=system.name, of__in=_KINDS, theirs__in=ids).order_by("pk")
    found = []
    for link in rows:
        one = touched.get((Kind(link.of), link.theirs))
        if one is not None and not news.is_known(one.version, link.seen):
            found.append(link)
    return found


def _see(
    system: Returning,
    saved: Mapping[str, object],
    settings: BackSettings,
    links: Sequence[Link],
    touched: _Touched,
    since: datetime,
) -> list[Link]:
    """See to those that nobody writes; the others are answered."""
    people = _people(links)
    # A deal of somebody who was forgotten is written by nobody.
    with turn(system.name, list(people.values())) as mine:
        free = [link for link in links if people.get(link.pk) is None or people[link.pk] in mine]
        _apply(system, saved, settings, free, touched, since)
    seen = {link.pk for link in free}
    return [link for link in links if link.pk not in seen]


def _apply(
    system: Returning,
    saved: Mapping[str, object],
    settings: BackSettings,
    links: Sequence[Link],
    touched: _Touched,
    since: datetime,
) -> None:
    rows = {(link.of, link.theirs): link for link in links}
    versions = {record: one.version for record, one in touched.items()}
    wanted = {kind: [record for of, record in rows if of == kind.value] for kind in _KINDS}
    deals = wanted[Kind.DEAL]
    for deal in system.deals_there(saved, deals, since) if deals else ():
        version = versions.get((Kind.DEAL, deal.id), "")
        if link := rows.get((Kind.DEAL.value, deal.id)):
            applying.deal(system, settings, link, deal, version, since)
    contacts = wanted[Kind.CONTACT]
    for contact in system.contacts_there(saved, contacts) if contacts else ():
        version = versions.get((Kind.CONTACT, contact.id), "")
        if link := rows.get((Kind.CONTACT.value, contact.id)):
            applying.contact(system, settings, link, contact, version)


def _people(links: Sequence[Link]) -> dict[int, str]:
    """Of links the persons whose they are; those who were forgotten have none."""
    marks = {f"order:{link.ours}": link.pk for link in links if link.of == Link.Of.DEAL}
    rows = Mark.objects.filter(mark__in=marks).values_list("mark", "person_id")
    found = {marks[mark]: str(person) for mark, person in rows}
    contacts = {link.pk: link.ours for link in links if link.of == Link.Of.CONTACT}
    return found | {pk: str(UUID(ours)) for pk, ours in contacts.items()}
