"""Whether numbers of Russian tax payers and accounts can be right: their forms and check digits."""

import re
from math import sumprod

_KPP = re.compile(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}")


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


def is_bic(number: str) -> bool:
    return _digits(number, 9)


def is_account(number: str, bic: str) -> bool:
    """Whether an account can be one at this bank: its key is right (the Bank of Russia's rule).

    Without a БИК only its form is looked at.
    """
    return _digits(number, 20) and (not bic or _has_key(bic[-3:] + number))


def is_correspondent_account(number: str, bic: str) -> bool:
    """Whether it can be the bank's own account at the Bank of Russia; as :func:`is_account`."""
    return _digits(number, 20) and (not bic or _has_key(f"0{bic[4:6]}{number}"))


def _has_key(digits: str) -> bool:
    weights = (7, 1, 3) * 7 + (7, 1)
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 10 == 0
