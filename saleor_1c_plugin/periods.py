"""Periods that a report's address asks for: from one day to another, both in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from .days import bounds

#: Days: what is shown unless asked, and what is shown at most.
_USUAL, _MOST = 7, 92


@dataclass(frozen=True, slots=True)
class Period:
    first: date
    last: date

    @classmethod
    def asked(cls, query: Mapping[str, str], zone: ZoneInfo) -> "Period":
        """The one that ``from`` and ``to`` name; nonsense in them means what is usual."""
        today = timezone.now().astimezone(zone).date()
        last = min(_day(query.get("to"), today), today)
        first = min(_day(query.get("from"), last - timedelta(days=_USUAL - 1)), last)
        return cls(max(first, last - timedelta(days=_MOST - 1)), last)

    @property
    def query(self) -> dict[str, str]:
        """What asks for it."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}

    @property
    def name(self) -> str:
        """For the names of files."""
        return f"{self.first.isoformat()}-{self.last.isoformat()}"

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When it begins, and when it is over."""
        return bounds(self.first, zone)[0], bounds(self.last, zone)[1]


def _day(text: str | None, otherwise: date) -> date:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return otherwise
    # Nothing was paid then, and the calendar does not end in the middle of a sum.
    return day if day.year >= 2000 else date(2000, 1, 1)
