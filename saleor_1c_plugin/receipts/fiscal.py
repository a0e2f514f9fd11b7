"""Numbers of a receipt, as a register tells them: whether a fiscal drive can have made them."""

from dataclasses import replace

from .driver import FiscalData

#: How the numbers of drives begin that are for trying things out.
_TEST_DRIVE = "9999"
#: Numbers of documents and signs have four bytes (1040, 1077), those of shifts and receipts fewer.
_MOST_NUMBER = 1 << 32
_MOST_COUNT = 1 << 31


def checked(data: FiscalData) -> FiscalData:
    """The same; those of a drive for trials are marked.

    Raises
    ------
    ValueError
        No drive can have made them.
    """
    is_possible = (
        0 < len(data.drive) <= 16
        and 0 < data.document < _MOST_NUMBER
        and data.sign.isascii()
        and data.sign.isdigit()
        and int(data.sign) < _MOST_NUMBER
        and data.total.is_finite()
        and len(data.register_number) <= 20
        and 0 <= data.shift < _MOST_COUNT
        and 0 <= data.number < _MOST_COUNT
    )
    if not is_possible:
        raise ValueError("No drive's numbers")
    return replace(data, is_test=data.is_test or data.drive.startswith(_TEST_DRIVE))
