"""Numbers of Russian tax payers: ИНН, КПП and ОГРН, as a shop keeps them in metadata."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sumprod

from .text import one_line

#: Spellings of a metadata key, without case, signs and an "onec." before them.
_KEYS = {
    "inn": "inn",
    "инн": "inn",
    "kpp": "kpp",
    "кпп": "kpp",
    "ogrn": "ogrn",
    "огрн": "ogrn",
    "ogrnip": "ogrn",
    "огрнип": "ogrn",
}
_TITLES = {"inn": "ИНН", "kpp": "КПП", "ogrn": "ОГРН"}
_KPP = re.compile(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}")


@dataclass(frozen=True, slots=True)
class TaxPayer:
    """What may go into 1C's fields; `wrong` names in Russian what may not."""

    inn: str = ""
    kpp: str = ""
    ogrn: str = ""
    wrong: str = ""


def tax_payer(sources: Iterable[Mapping[str, str]]) -> TaxPayer:
    """Read the numbers from metadata, the first source that has one wins.

    1C refuses a whole order for a number that fails its check, so such a one is kept apart.
    """
    found: dict[str, str] = {}
    for metadata in sources:
        for key, value in metadata.items():
            name = _KEYS.get(key.casefold().removeprefix("onec.").strip(" ._-"))
            if name and name not in found and (text := one_line(value)):
                found[name] = text
    if not found:
        return TaxPayer()
    valid: dict[str, str] = {}
    wrong: list[str] = []
    for name, check in (("inn", is_inn), ("kpp", is_kpp), ("ogrn", is_ogrn)):
        number = found.get(name, "").replace(" ", "").upper()
        if number and check(number):
            valid[name] = number
        elif number:
            wrong.append(f"{_TITLES[name]} указан с ошибкой: {found[name]}")
    return TaxPayer(**valid, wrong="; ".join(wrong))


def is_inn(number: str) -> bool:
    """Whether the check digits are right: one of 10, two of 12 (ФНС, ММВ-7-6/435@)."""
    if not _digits(number, 10, 12):
        return False
    if len(number) == 10:
        return _check(number[:9]) == number[9]
    return _check(number[:10]) == number[10] and _check(number[:11]) == number[11]


_WEIGHTS = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


def _check(digits: str) -> str:
    return str(sumprod(_WEIGHTS[-len(digits) :], map(int, digits)) % 11 % 10)


def is_kpp(number: str) -> bool:
    return _KPP.fullmatch(number) is not None


def is_ogrn(number: str) -> bool:
    """Whether the check digit is right: 13 digits of a company, 15 of a sole trader."""
    if not _digits(number, 13, 15):
        return False
    return str(int(number[:-1]) % (len(number) - 2) % 10) == number[-1]


def _digits(number: str, *lengths: int) -> bool:
    return (
        len(number) in lengths and number.isascii() and number.isdigit() and number.strip("0") != ""
    )
