"""Addresses as 1C has them, which need not be such as Saleor's forms would take."""

from collections.abc import Mapping

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
