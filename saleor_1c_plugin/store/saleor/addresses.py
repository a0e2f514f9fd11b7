"""Addresses as 1C has them, which need not be such as Saleor's forms would take."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.utils.translation import override
from django_countries import countries
from saleor.account.models import Address as AddressRow

from ..orders import Address

#: Field of ours → Saleor's column.
COLUMNS: Mapping[str, str] = {
    "first_name": "first_name",
    "last_name": "last_name",
    "company": "company_name",
    "street_1": "street_address_1",
    "street_2": "street_address_2",
    "city": "city",
    "district": "city_area",
    "region": "country_area",
    "postal_code": "postal_code",
    "country_code": "country",
    "phone": "phone",
    "metadata": "metadata",
}


def address_columns(relation: str) -> Iterator[str]:
    """What a query names for :func:`read_address`, but for the phone.

    That is to be read as a text (:func:`.uuids.text`): Saleor would parse every one.
    """
    yield f"{relation}_id"
    yield from (f"{relation}__{column}" for column in COLUMNS.values() if column != "phone")


def read_address(relation: str, row: Mapping[str, Any]) -> Address | None:
    """The address that a row refers to by the field `relation`."""
    if row[f"{relation}_id"] is None:
        return None
    values = {name: row[f"{relation}__{column}"] for name, column in COLUMNS.items()}
    values["metadata"] = values["metadata"] or {}
    return Address(**values, country=_country(values["country_code"]))


@cache
def _country(code: str) -> str:
    with override("ru"):
        return str(countries.name(code))


def save_address(address: Address, country: str) -> AddressRow:
    """Make a row of it; `country` (ISO 3166-1 alpha-2) stands where the address has none."""
    values = {}
    for name, column in COLUMNS.items():
        value = getattr(address, name)
        limit = AddressRow._meta.get_field(column).max_length
        values[column] = value[:limit] if isinstance(value, str) else dict(value)
    if values["country"] not in countries:
        values["country"] = country
    return AddressRow.objects.create(**values, validation_skipped=True)
