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
_CENT = Decimal("0.01")
#: Currencies of ISO 4217 with none or three digits after the point; the others have two.
_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_UNITS = {code: Decimal(1) for code in _WHOLE.split()} | {
    code: Decimal("0.001") for code in _THOUSANDTHS.split()
}


def iso_currency(name: str) -> str:
    """ISO 4217 code for a currency as 1C writes it; empty stays empty."""
    key = name.strip().rstrip(".").upper()
    return _CURRENCIES.get(key, key)


def smallest_unit(currency: str) -> Decimal:
    """A kopeck of the currency (ISO 4217): ``0.01``, ``1`` or ``0.001``."""
    return _UNITS.get(currency, _CENT)


def quantize(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the currency's minor unit."""
    return amount.quantize(smallest_unit(currency), ROUND_HALF_UP)
