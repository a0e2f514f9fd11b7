"""Whether a JSON object has the fields that a protocol describes, and no others."""

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

type Check = Callable[[Any, str], None]


class Wrong(Exception):
    """A field is not as described."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where


def has(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object."""
    known = {**required, **(optional or {})}

    def check(given: Any, where: str) -> None:
        if not isinstance(given, dict):
            raise Wrong(where, "no object")
        for name in required:
            if name not in given:
                raise Wrong(f"{where}.{name}", "missing")
        for name, value in given.items():
            if name not in known:
                raise Wrong(f"{where}.{name}", "unknown")
            known[name](value, f"{where}.{name}")

    return check


def many(each: Check, most: int, least: int = 1) -> Check:
    def check(given: Any, where: str) -> None:
        if not isinstance(given, list) or not least <= len(given) <= most:
            raise Wrong(where, f"no list of {least} to {most}")
        for index, one in enumerate(given):
            each(one, f"{where}[{index}]")

    return check


def text(most: int = 10**6, pattern: str = ".+") -> Check:
    def check(given: Any, where: str) -> None:
        if not isinstance(given, str) or len(given) > most:
            raise Wrong(where, f"no text of at most {most} signs")
        if not re.fullmatch(pattern, given, re.DOTALL):
            raise Wrong(where, f"is not {pattern}")

    return check


def number(most: str = "99999999.99", places: int = 2) -> Check:
    """JSON must have been read with ``parse_float=Decimal``."""

    def check(given: Any, where: str) -> None:
        if isinstance(given, bool) or not isinstance(given, int | Decimal):
            raise Wrong(where, "no number")
        value = Decimal(given)
        if not 0 <= value <= Decimal(most):
            raise Wrong(where, f"not from 0 to {most}")
        if value != value.quantize(Decimal(1).scaleb(-places)):
            raise Wrong(where, f"more than {places} places")

    return check


def one_of(values: Collection[object]) -> Check:
    def check(given: Any, where: str) -> None:
        if isinstance(given, bool) or given not in values:
            raise Wrong(where, "none of those known")

    return check


def flag(given: Any, where: str) -> None:
    if not isinstance(given, bool):
        raise Wrong(where, "neither true nor false")
