"""E-mail addresses. Pure."""

import re

_EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]{2,}")
#: RFC 5321, 4.5.3.1.3, less its angle brackets.
_LONGEST = 254


def is_email(text: str) -> bool:
    """Whether a message can be sent there, as far as the form of it says."""
    return len(text) <= _LONGEST and _EMAIL.fullmatch(text) is not None
