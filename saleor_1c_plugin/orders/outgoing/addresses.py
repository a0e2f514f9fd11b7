"""Addresses split in the fields that 1C has for them.

The fields are those of the published schema (``АдресТип``, CommerceML 2.09).
"""

import re

from ...commerceml.documents import AddressField, PostalAddress
from ...store.orders import Address
from .text import one_line

#: Longer ones are no streets, whatever they begin with.
_LONGEST = 300
_HOUSE = r"(?:дом|д)"
_BLOCK = r"(?:корпус|корп|к)"
_BUILDING = r"(?:строение|стр)"
_FLAT = r"(?:квартира|кв|офис|оф)"
_NUMBER = r"№?\s*(\d[\w/-]{0,9})"
#: A part of an address begins at a comma, or at a word for one with its number.
_PARTS = re.compile(
    rf"\s*,\s*|\s+(?=(?:{_HOUSE}|{_BLOCK}|{_BUILDING}|{_FLAT})\b\.?\s*№?\s*\d)", re.IGNORECASE
)
_FIELDS = (
    ("Дом", re.compile(rf"{_HOUSE}\b\.?\s*{_NUMBER}", re.IGNORECASE)),
    ("Корпус", re.compile(rf"{_BLOCK}\b\.?\s*{_NUMBER}", re.IGNORECASE)),
    ("Корпус", re.compile(rf"({_BUILDING}\b\.?\s*№?\s*\d[\w/-]{{0,9}})", re.IGNORECASE)),
    ("Квартира", re.compile(rf"{_FLAT}\b\.?\s*{_NUMBER}", re.IGNORECASE)),
)
_ORDER = ("Дом", "Корпус", "Квартира")
_BARE_HOUSE = re.compile(r"\d{1,4}\s?[а-яa-z]?(?:/\d{1,4})?", re.IGNORECASE)
_STREET = re.compile(
    r"\b(?:улица|ул|проспект|просп|пр-кт|пр-т|переулок|пер|шоссе|ш|бульвар|б-р|бул|"
    r"набережная|наб|площадь|пл|проезд|пр-д|тупик|туп|аллея|линия|микрорайон|мкр|квартал)\b",
    re.IGNORECASE,
)
_VILLAGE = re.compile(
    r"(?:деревня|дер|д|село|с|пос[её]лок|пос|п|пгт|р\.?\s?п|станица|ст-ца|хутор|х|аул)"
    r"(?:\.\s*|\s+)\S",
    re.IGNORECASE,
)


def postal_address(address: Address | None) -> PostalAddress | None:
    """The address whole and in fields; ``None`` where nothing of it is known.

    The street is split where it says itself which number is what («ул. Ленина, д. 5, кв. 10»),
    and stands in «Улица» as it was typed otherwise.
    """
    if address is None:
        return None
    city = one_line(address.city)
    street = ", ".join(filter(None, (one_line(address.street_1), one_line(address.street_2))))
    before = [
        ("Почтовый индекс", one_line(address.postal_code)),
        ("Страна", one_line(address.country) or one_line(address.country_code)),
        ("Регион", one_line(address.region)),
        ("Район", one_line(address.district)),
        ("Населенный пункт" if _VILLAGE.match(city) else "Город", city),
    ]
    fields = tuple(
        AddressField(kind, value) for kind, value in before + split_street(street) if value
    )
    text = ", ".join([value for _, value in before if value] + ([street] if street else []))
    return PostalAddress(text, fields) if fields else None


def split_street(street: str) -> list[tuple[str, str]]:
    """Street, house, block and flat as (field, value); all in «Улица» unless it is clear."""
    whole = [("Улица", street)]
    if len(street) > _LONGEST:
        return whole
    name, *parts = _PARTS.split(street)
    found: dict[str, str] = {}
    for part in parts:
        kind, value = _field(part)
        if not kind and _BARE_HOUSE.fullmatch(part) and not found and _STREET.search(name):
            kind, value = "Дом", part
        if not kind or kind in found:
            return whole
        found[kind] = value
    if not name or "Дом" not in found:
        return whole
    return [("Улица", name), *((kind, found[kind]) for kind in _ORDER if kind in found)]


def _field(part: str) -> tuple[str, str]:
    for kind, pattern in _FIELDS:
        if match := pattern.fullmatch(part):
            return kind, match[1]
    return "", ""
