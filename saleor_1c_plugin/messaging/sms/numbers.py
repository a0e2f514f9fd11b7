"""Numbers of phones that can get a text message."""

from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

#: Where a number without a country code is dialled.
_REGION = "RU"
#: Those that are surely no mobile ones. In some countries the number does not tell.
_DEAF = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.PAGER,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)


# The same buyers come again.
@lru_cache(maxsize=4096)
def mobile(text: str) -> str:
    """The number in E.164, or ``""`` where it is none, or one without text messages."""
    try:
        number = phonenumbers.parse(text, _REGION)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) in _DEAF:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
