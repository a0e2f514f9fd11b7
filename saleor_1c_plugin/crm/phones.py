"""How a phone stands in a CRM, where people write it. Pure."""


def digits(phone: str) -> str:
    return "".join(sign for sign in phone if sign.isdigit())


def spellings(phone: str, *, bare: bool = False) -> list[str]:
    """A Russian number is written with 8 as often as with +7.

    Parameters
    ----------
    phone
        In E.164.
    bare
        And without either.
    """
    is_russian = phone.startswith("+7") and len(phone) == 12
    if not is_russian:
        return [phone]
    return [phone, f"8{phone[2:]}", *([phone[2:]] if bare else [])]


def comparable(phone: str) -> str:
    """Digits of a phone however it is written; of a Russian one without 8 or 7."""
    found = digits(phone)
    is_russian = len(found) == 11 and found[0] in "78"
    return found[1:] if is_russian else found
