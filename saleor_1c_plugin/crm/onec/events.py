"""What has happened to an order as a requisite of its document in 1C.

Payments, shipments, receipts and reservations are in the document anyway. Each event that is told
here makes the order news to 1C: therefore only kinds that the merchant has named are.
"""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from ...history import journal
from ...history.event import Event, Kind
from ...history.models import Record
from ...orders import news, sources
from ...store import bulk
from .. import timeline
from .settings import OnecCrmSettings

REQUISITE = "История"
#: Signs of a requisite's value by the schema.
_LONGEST = 1000


def take(events: Sequence[tuple[int, Event]]) -> None:
    """A reader of the journal: orders of which 1C is to be told more."""
    kinds = _kinds()
    orders = {event.order_id for _number, event in events if event.kind in kinds}
    # A reservation's own document is none of the journal's.
    news.changed(sources.orders_among(orders - {""}), only_known=True)


def requisites(
    order_ids: Sequence[str], zone: ZoneInfo
) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """What the orders' documents have more. One query."""
    kinds = _kinds()
    if not kinds:
        return {}
    rows = Record.objects.filter(
        order_id__in=bulk.any_of(order_ids, "text"), kind__in=[kind.value for kind in kinds]
    ).order_by("at", "pk")
    lines: dict[str, list[str]] = {}
    for row in rows:
        event = journal.event_of(row)
        at = event.at.astimezone(zone)
        text = " ".join(timeline.text(event, "ru").split())
        lines.setdefault(event.order_id, []).append(f"{at:%d.%m.%Y %H:%M} {text}")
    return {order_id: ((REQUISITE, _last(told)),) for order_id, told in lines.items()}


def _kinds() -> frozenset[Kind]:
    settings = OnecCrmSettings.load()
    return settings.timeline if settings is not None else frozenset()


def _last(lines: Sequence[str]) -> str:
    """The last ones that there is room for, oldest first."""
    kept: list[str] = []
    length = 0
    for line in reversed(lines):
        length += len(line) + 2
        if kept and length > _LONGEST:
            break
        kept.append(line[:_LONGEST])
    return "; ".join(reversed(kept))
