"""A receipt that was wrong or was never made, put right.

By the format 1.2 a wrong receipt is corrected by two: one that takes it back as it was, and one
that says how it should have been (letter of the tax service of 06.08.2018 No. ЕД-4-20/15240).
"""

from dataclasses import replace

from .document import Correction, Kind, Receipt

_AS_CORRECTION = {
    Kind.SELL: Kind.SELL_CORRECTION,
    Kind.SELL_CORRECTION: Kind.SELL_CORRECTION,
    Kind.SELL_REFUND: Kind.SELL_REFUND_CORRECTION,
    Kind.SELL_REFUND_CORRECTION: Kind.SELL_REFUND_CORRECTION,
}
_OPPOSITE = {
    Kind.SELL_CORRECTION: Kind.SELL_REFUND_CORRECTION,
    Kind.SELL_REFUND_CORRECTION: Kind.SELL_CORRECTION,
}


def late(receipt: Receipt, correction: Correction) -> Receipt:
    """The correction that stands for a receipt that was not made when it should have been."""
    return replace(receipt, kind=_AS_CORRECTION[receipt.kind], correction=correction)


def taken_back(wrong: Receipt, correction: Correction) -> Receipt:
    """The correction that takes a receipt back, whole and as it was.

    Parameters
    ----------
    correction
        Its `sign` is the fiscal sign of `wrong`.
    """
    kind = _OPPOSITE[_AS_CORRECTION[wrong.kind]]
    return replace(wrong, kind=kind, correction=correction)


def corrected(wrong: Receipt, right: Receipt, correction: Correction) -> tuple[Receipt, Receipt]:
    """What takes `wrong` back, and what stands in its place; to be registered in this order."""
    return taken_back(wrong, correction), late(right, correction)
