"""From whom text messages come, as networks let phones show it. Pure."""

import re

#: Signs of a name: 11; a number has 15 digits at most.
_SENDER = re.compile(r"(?=.*\S)[ -~]{1,11}|\+?\d{5,15}")


def is_sender(text: str) -> bool:
    """Whether it is a number, or a name of Latin letters, digits and signs."""
    return _SENDER.fullmatch(text) is not None
