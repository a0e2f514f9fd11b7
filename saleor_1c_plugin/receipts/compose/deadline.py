"""By when a receipt has to be registered.

Money that is paid at a distance has its receipt by the end of the next working day at the latest,
and before the goods are handed over; cash, and goods that are handed over, at once (54-FZ, article
1.2, parts 2, 5 and 5.3), for which the end of the day stands here. Working days are those of the
five-day week with the holidays and the moved days off of Russia, as far ahead as these are decreed.
"""

from datetime import datetime, time, timedelta, tzinfo

import holidays

_DAY = timedelta(days=1)
_RUSSIA = holidays.country_holidays("RU")


def same_day(happened: datetime, zone: tzinfo) -> datetime:
    """The end of the day on which it happened, by the seller's clock."""
    return _end(happened.astimezone(zone))


def next_working_day(happened: datetime, zone: tzinfo) -> datetime:
    """The end of the first working day after that."""
    day = happened.astimezone(zone) + _DAY
    while not _RUSSIA.is_working_day(day):
        day += _DAY
    return _end(day)


def _end(moment: datetime) -> datetime:
    return datetime.combine(moment.date() + _DAY, time(), moment.tzinfo)
