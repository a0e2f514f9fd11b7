"""Days by the clock of 1C's documents, or any other one."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


def bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When a day begins, and when the next one does."""
    begins = datetime.combine(day, time(), zone)
    return begins, datetime.combine(day + _DAY, time(), zone)


def days(first: date, last: date) -> Iterator[date]:
    """All days from the first to the last one."""
    while first <= last:
        yield first
        first += _DAY
