"""Currencies as 1C writes them, and amounts in their minor units."""

from decimal import ROUND_HALF_UP, Decimal

#: Names that 1C's users give to currencies → ISO 4217. Numeric codes: the classifier OKV.
_CURRENCIES = {
    "РУБ": "RUB",
    "РУБЛЬ": "RUB",
    "Р": "RUB",
    "RUR": "RUB",
    "643": "RUB",
    "810": "RUB",
    "840": "USD",
    "$": "USD",
    "ДОЛЛ": "USD",
    "978": "EUR",
    "€": "EUR",
    "ЕВРО": "EUR",
    "398": "KZT",
    "ТЕНГЕ": "KZT",
    "933": "BYN",
    "БЕЛ.РУБ": "BYN",
    "156": "CNY",
    "860": "UZS",
    "417": "KGS",
    "051": "AMD",
}
#: Minor digits where they aren't two (ISO 4217).
_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "KWD": 3, "BHD": 3, "TND": 3}


def iso_currency(name: str) -> str:
    """ISO 4217 code for a currency as 1C writes it; empty stays empty."""
    key = name.strip().rstrip(".").upper()
    return _CURRENCIES.get(key, key)


def quantize(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's minor unit."""
    return amount.quantize(Decimal(1).scaleb(-_DIGITS.get(currency, 2)), ROUND_HALF_UP)
