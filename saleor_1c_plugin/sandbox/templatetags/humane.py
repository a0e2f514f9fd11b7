"""Numbers, moments and yes or no as people write them."""

from datetime import datetime
from decimal import Decimal

from django import template
from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

register = template.Library()

_SIGNS = {"RUB": "₽", "USD": "$", "EUR": "€"}


@register.filter
def money(amount: Decimal, channel: str) -> str:
    """`amount` in the currency of `channel`."""
    currency = dict(settings.ONEC_SANDBOX_CHANNELS).get(channel, channel)
    digits = f"{amount:,.2f}".replace(",", "\xa0").replace(".", ",")
    return f"{digits}\xa0{_SIGNS.get(currency, currency)}"


@register.filter
def human(value: object) -> str:
    """A value of an attribute."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}".replace(".", ",")
    if isinstance(value, datetime):
        moment = localtime(value)
        only_day = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
        return date_format(moment, "DATE_FORMAT" if only_day else "DATETIME_FORMAT")
    return str(value)


@register.filter
def moment(value: datetime) -> str:
    """A time of today, or a day with its time."""
    here = localtime(value)
    is_today = here.date() == localtime().date()
    return date_format(here, "TIME_FORMAT" if is_today else "SHORT_DATETIME_FORMAT")
