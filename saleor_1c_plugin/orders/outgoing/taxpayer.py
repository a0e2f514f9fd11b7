"""Numbers of Russian tax payers: ИНН, КПП and ОГРН, as a shop keeps them in metadata."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...tax_numbers import is_inn, is_kpp, is_ogrn
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
