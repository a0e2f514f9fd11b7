"""Numbers, switches and moments as the different 1C configurations write them.

Every function answers ``None`` for an empty text ("1C said nothing") and raises
:class:`ValueError` for one that cannot be read: a guess would become a price.
"""

import re
from datetime import datetime, time
from decimal import Decimal

_PLAIN = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
#: All that XML Schema calls a decimal: ``+5``, ``.5`` and ``5.`` too.
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})")
# Java and PHP exporters write big and tiny doubles so; more digits would make a giant of 5 bytes.
_SCIENTIFIC = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?[eE][+-]?[0-9]{1,2}")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:[.,][0-9]{3})+")
_DATE = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})(?:[ T]([0-9:]+))?")
#: PHP exporters write the hour of the morning with one digit.
_SHORT_HOUR = re.compile(r"(?<=[ T])[0-9](?=:)")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?(?:Z|[+-][0-9:]+)?")

_TRUE = frozenset({"true", "1", "да", "истина"})
_FALSE = frozenset({"false", "0", "нет", "ложь"})


def number(text: str | None) -> Decimal | None:
    """Read ``1234.56``, ``1 234,56`` or ``1.234,56`` (any kind of space between thousands).

    One comma or one dot alone is the decimal sign, since 1C never groups by them.
    """
    if not text:
        return None
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    bare = "".join(text.split()).replace("'", "")
    if not bare:
        return None
    if "," in bare and "." in bare:
        grouping = "," if bare.rindex(".") > bare.rindex(",") else "."
        whole, sign, fraction = bare.rpartition("." if grouping == "," else ",")
        if not _GROUPED.fullmatch(whole):
            raise ValueError(text)
        bare = f"{whole.replace(grouping, '')}.{fraction}" if sign else whole
    elif bare.count(",") > 1 or bare.count(".") > 1:
        if not _GROUPED.fullmatch(bare):
            raise ValueError(text)
        bare = bare.replace(",", "").replace(".", "")
    else:
        bare = bare.replace(",", ".")
    if _DECIMAL.fullmatch(bare) or _SCIENTIFIC.fullmatch(bare):
        return Decimal(bare)
    raise ValueError(text)


def switch(text: str | None) -> bool | None:
    """Read ``true``/``false``, ``1``/``0``, ``да``/``нет``, ``истина``/``ложь``."""
    word = (text or "").strip().lower()
    if not word:
        return None
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(text)


def moment(text: str | None) -> datetime | None:
    """Read an ISO date or moment, or ``31.12.2024 23:59:59``; naive where 1C gave no zone."""
    word = (text or "").strip()
    if not word:
        return None
    if match := _DATE.fullmatch(word):
        day, month, year, clock = match.groups()
        word = f"{year}-{month}-{day}T{clock or '00:00:00'}"
    return datetime.fromisoformat(_SHORT_HOUR.sub(r"0\g<0>", word))


def clock(text: str | None) -> time | None:
    """Read ``15:19:27`` or ``9:05``, or the time of a whole moment; without fraction and zone."""
    word = (text or "").strip()
    if not word:
        return None
    if match := _CLOCK.fullmatch(word):
        hour, minute, second = (int(part or 0) for part in match.groups())
        return time(hour, minute, second)
    found = moment(word)
    return None if found is None else found.time().replace(microsecond=0)


_SPACES_AND_BRACKETS = re.compile(r"[\s()]+")
_RATE = re.compile(r"([0-9]{1,3}(?:[.,][0-9]{1,4})?)%?(?:[/_]([0-9]{3}(?:[.,][0-9]{1,4})?)%?)?")
_WITHOUT = ("без", "нендс", "необлагается", "освобожд")


def tax_rate(text: str | None) -> tuple[Decimal | None, bool] | None:
    """Read a rate as (percent, is it a calculated one).

    ``20``, ``20%``, ``НДС20``, ``НДС (20%)``; ``20/120`` and ``НДС20_120`` are calculated;
    ``Без налога``, ``Без НДС`` and ``НДС не облагается`` have no percent.
    """
    word = _SPACES_AND_BRACKETS.sub("", text or "").lower().removeprefix("ндс")
    if not word:
        return None
    if word.startswith(_WITHOUT):
        return None, False
    match = _RATE.fullmatch(word)
    if match is None:
        raise ValueError(text)
    percent = Decimal(match[1].replace(",", "."))
    if match[2] and Decimal(match[2].replace(",", ".")) != percent + 100:
        raise ValueError(text)
    return percent, match[2] is not None
