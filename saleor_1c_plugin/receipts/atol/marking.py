"""A marking code, sorted as version 5 wants it told.

Kinds are those of table 118 of the FFD 1.2 (tags 1300 to 1309); that a GS1 code goes in Base64, for
its signs that can't be printed, is as github.com/ili/atol-online and ReadyScript's module have it.
The other kinds go as they are, by the same sources.
"""

import base64
import re

#: Of the longest that table 118 knows.
_EGAIS_3 = 150
_EGAIS_2 = 68
#: A packet of tobacco: GTIN, serial number, price and check, without a separator.
_SHORT = re.compile(r"\d{14}.{15}", re.DOTALL)
_GS1 = re.compile(r"\x1d?01\d{14}21.+", re.DOTALL)
_FUR = re.compile(r"[A-Z]{2}-\d{6}-[0-9A-Z]{10}")
_EGAIS = re.compile(r"[0-9A-Z]+")


def mark_code(code: str) -> dict[str, str]:
    """The only field of ``mark_code``."""
    if _GS1.fullmatch(code):
        return {"gs1m": base64.b64encode(code.encode()).decode()}
    if _FUR.fullmatch(code):
        return {"fur": code}
    if len(code) in (_EGAIS_2, _EGAIS_3) and _EGAIS.fullmatch(code):
        return {"egais20" if len(code) == _EGAIS_2 else "egais30": code}
    if _SHORT.fullmatch(code):
        return {"short": code}
    return {"unknown": code}
