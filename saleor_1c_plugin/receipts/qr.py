"""The code on a receipt, from which the tax service's application reads what to look for.

The format is that of the appendix to the tax service's order of 14.09.2020 No. ЕД-7-20/662@
(1196): six fields in ASCII, the time in minutes and by the clock of the register's place, numbers
without leading noughts but for the drive's, which is sixteen signs that are kept as they are.
"""

from io import BytesIO
from zoneinfo import ZoneInfo

import segno

from .compose.document import Kind
from .driver import FiscalData

#: Sign of the settlement (1054). The format has 3 and 4 as well: for sellers who buy.
_SIGNS = {
    Kind.SELL: 1,
    Kind.SELL_REFUND: 2,
    # A correction says what it corrects: that it is one is told by the document's form.
    Kind.SELL_CORRECTION: 1,
    Kind.SELL_REFUND_CORRECTION: 2,
}


def payload(data: FiscalData, kind: Kind, zone: ZoneInfo) -> str:
    """Text of the code.

    Parameters
    ----------
    zone
        Of the place where the register was put down to be.
    """
    fields = {
        "t": f"{data.at.astimezone(zone):%Y%m%dT%H%M}",
        "s": f"{data.total:.2f}",
        "fn": data.drive,
        "i": str(data.document),
        "fp": data.sign.lstrip("0") or "0",
        "n": str(_SIGNS[kind]),
    }
    return "&".join(f"{key}={value}" for key, value in fields.items())


def svg(text: str) -> str:
    """The code as an element for a page; as large as its style says."""
    drawn: str = _drawn(text).svg_inline(omitsize=True)
    return drawn


def svg_file(text: str) -> bytes:
    """The code as a file of its own."""
    target = BytesIO()
    _drawn(text).save(target, kind="svg", scale=8)
    return target.getvalue()


def png(text: str) -> bytes:
    """The code as a picture for what does not show SVG: mail programs."""
    target = BytesIO()
    _drawn(text).save(target, kind="png", scale=6)
    return target.getvalue()


def _drawn(text: str) -> segno.QRCode:
    return segno.make(text, error="m", micro=False)
