"""Texts with names in braces: checked when they are saved, filled in when they are sent. Pure."""

from collections.abc import Collection, Iterator, Mapping
from string import Formatter

from django.utils.translation import gettext as _

_FORMATTER = Formatter()


class WordingError(ValueError):
    """A text that can't be filled in; says why, in the reader's language."""


def check(text: str, names: Collection[str]) -> None:
    """Say whether there is nothing in braces but these names.

    Raises
    ------
    WordingError
        There is.
    """
    known = ", ".join(f"{{{name}}}" for name in names)
    try:
        fields = [part for part in _parts(text) if part[1] is not None]
    except ValueError:
        raise WordingError(
            _("A brace is not closed, or not opened. A brace of the text itself is written twice.")
        ) from None
    for _text, name, spec, conversion in fields:
        # Nothing but the name: no attributes, no formats.
        if name not in names or spec or conversion:
            raise WordingError(
                _("“{%(name)s}” can't be used here. There are: %(known)s.")
                % {"name": name, "known": known}
            )


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with values for its names.

    A line with names of which none has a value is left out: “Tracking number: {tracking}”.
    """
    lines = []
    for line in text.splitlines():
        parts = list(_parts(line))
        used = [values.get(name, "") for _text, name, _spec, _conversion in parts if name]
        if used and not any(used):
            continue
        lines.append("".join(before + values.get(name or "", "") for before, name, *_ in parts))
    return "\n".join(lines).strip()


def _parts(text: str) -> Iterator[tuple[str, str | None, str | None, str | None]]:
    yield from _FORMATTER.parse(text)
