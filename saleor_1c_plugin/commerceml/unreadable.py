"""Values inside elements, and what is said when one cannot be read."""

from datetime import datetime, time
from decimal import Decimal

from lxml import etree

from . import values
from .names import NAMES, text_of


class Unreadable(Exception):
    """A value inside `element` cannot be read; `text` is the value as sent."""

    def __init__(self, what: str, element: etree._Element, text: str, place: str) -> None:
        shown = text if len(text) <= 60 else f"{text[:60]}…"
        super().__init__(f"Не удалось прочитать {what} «{shown}» в «{place}»")
        self.element = element
        self.text = text


def number_of(element: etree._Element, attribute: str = "") -> Decimal | None:
    """Read the number in an element or, when named, in its attribute."""
    text = element.get(attribute) if attribute else element.text
    try:
        return values.number(text)
    except ValueError as error:
        place = attribute or NAMES[element.tag]
        raise Unreadable("число", element, (text or "").strip(), place) from error


def switch_of(element: etree._Element, attribute: str = "") -> bool | None:
    """Read the yes or no in an element or, when named, in its attribute."""
    text = element.get(attribute) if attribute else element.text
    try:
        return values.switch(text)
    except ValueError as error:
        place = attribute or NAMES[element.tag]
        raise Unreadable("признак", element, (text or "").strip(), place) from error


def moment_of(element: etree._Element) -> datetime | None:
    """Read the date or moment in an element; ``None`` for 1C's empty one, of the year 1."""
    try:
        moment = values.moment(element.text)
    except ValueError as error:
        raise _unreadable("дату", element) from error
    return None if moment is None or moment.year == 1 else moment


def clock_of(element: etree._Element) -> time | None:
    """Read the time of day in an element."""
    try:
        return values.clock(element.text)
    except ValueError as error:
        raise _unreadable("время", element) from error


def rate_of(element: etree._Element) -> tuple[Decimal | None, bool] | None:
    """Read the rate of a tax in an element, as :func:`.values.tax_rate` does."""
    try:
        return values.tax_rate(element.text)
    except ValueError as error:
        raise _unreadable("ставку налога", element) from error


def _unreadable(what: str, element: etree._Element) -> Unreadable:
    return Unreadable(what, element, text_of(element), NAMES[element.tag])


def is_removed(status: str | None) -> bool:
    """Whether this ``Статус`` says that the object is deleted."""
    return (status or "").strip().lower() in {"удален", "удалён"}


def is_deleted(element: etree._Element) -> bool:
    """Read the deletion mark: ``Статус="Удален"`` (2.x) or ``ПометкаУдаления`` (3.1)."""
    if is_removed(element.get("Статус")):
        return True
    for child in element:
        name = NAMES[child.tag]
        if (name == "ПометкаУдаления" and switch_of(child)) or (
            name == "Статус" and is_removed(child.text)
        ):
            return True
    return False
