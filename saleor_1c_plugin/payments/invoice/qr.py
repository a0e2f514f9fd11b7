"""What a bank's application reads from the picture on an invoice: ГОСТ Р 56042-2014."""

from decimal import Decimal

from .settings import Requisites

#: Format, version of the standard, and the encoding: UTF-8.
_HEAD = "ST00012"
_SEPARATOR = "|"
#: Signs that the standard gives a value.
_MOST = {"Name": 160, "BankName": 45, "Purpose": 210}


def payload(requisites: Requisites, amount: Decimal, purpose: str) -> str:
    """Text of the code.

    Parameters
    ----------
    amount
        In roubles.
    """
    fields = {
        "Name": requisites.name,
        "PersonalAcc": requisites.account,
        "BankName": requisites.bank,
        "BIC": requisites.bic,
        # Nought, by the standard, where the bank has none.
        "CorrespAcc": requisites.correspondent_account or "0",
        "Sum": f"{amount * 100:.0f}",
        "Purpose": purpose,
        "PayeeINN": requisites.inn,
        "KPP": requisites.kpp,
    }
    said = (f"{key}={_value(key, text)}" for key, text in fields.items() if text)
    return _SEPARATOR.join((_HEAD, *said))


def _value(key: str, text: str) -> str:
    return text.replace(_SEPARATOR, "/")[: _MOST.get(key)]
