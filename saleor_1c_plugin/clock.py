"""Times by the database's clock, which all hosts share."""

from datetime import timedelta

from django.db.models import DateTimeField, ExpressionWrapper, Func, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now


def from_now(seconds: float) -> Combinable:
    """The time in so many seconds; a negative number gives a time that is over."""
    return ExpressionWrapper(
        Now() + Value(timedelta(seconds=seconds)), output_field=DateTimeField()
    )


class Moment(Func):
    """The time of the statement, not of its transaction: rows written one by one are ordered."""

    function = "clock_timestamp"
    allowed_default = True
    output_field = DateTimeField()
