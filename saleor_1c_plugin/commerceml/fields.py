"""The children of an element by name."""

from collections.abc import Iterator
from datetime import datetime, time
from decimal import Decimal

from lxml import etree

from .names import NAMES, text_of
from .unreadable import clock_of, moment_of, number_of, switch_of


class Fields:
    """Elements by name, each asked for its value; an absent one says nothing.

    Where several names are asked for, the first that is there counts, or of texts the first that
    is not empty. What cannot be read raises :class:`~.unreadable.Unreadable`.
    """

    __slots__ = ("_elements",)

    def __init__(self, elements: dict[str, etree._Element]) -> None:
        self._elements = elements

    def find(self, *names: str) -> etree._Element | None:
        for name in names:
            element = self._elements.get(name)
            if element is not None:
                return element
        return None

    def text(self, *names: str) -> str:
        for name in names:
            element = self._elements.get(name)
            if element is not None and (text := text_of(element)):
                return text
        return ""

    def number(self, *names: str) -> Decimal | None:
        element = self.find(*names)
        return None if element is None else number_of(element)

    def moment(self, *names: str) -> datetime | None:
        element = self.find(*names)
        return None if element is None else moment_of(element)

    def clock(self, name: str) -> time | None:
        element = self.find(name)
        return None if element is None else clock_of(element)

    def switch(self, *names: str) -> bool | None:
        element = self.find(*names)
        return None if element is None else switch_of(element)

    def inside(self, name: str, entry: str) -> Iterator[etree._Element]:
        """Elements called `entry` inside the one called `name`."""
        element = self._elements.get(name)
        if element is not None:
            yield from (child for child in element if NAMES[child.tag] == entry)


def fields_of(element: etree._Element) -> Fields:
    return Fields({NAMES[child.tag]: child for child in element})


def requisites_of(element: etree._Element | None) -> Iterator[tuple[str, etree._Element]]:
    """Names of the requisites in an element, each with the element of its value.

    One of several values comes once with each.
    """
    for entry in () if element is None else element:
        own = ""
        found: list[etree._Element] = []
        for child in entry:
            name = NAMES[child.tag]
            if name == "Наименование":
                own = text_of(child)
            elif name == "Значение":
                found.append(child)
        if own:
            yield from ((own, value) for value in found)
