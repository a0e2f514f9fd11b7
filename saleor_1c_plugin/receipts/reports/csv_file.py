"""A table as a file for 1C and spreadsheets as they are set up in Russia.

UTF-8 with a mark at the beginning, semicolons between the fields and commas in the numbers.
"""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

from .tables import Cell, Table

#: Signs with which spreadsheets begin a formula.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def write(table: Table) -> bytes:
    """The whole file."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([_text(cell) for cell in row] for row in table.rows)
    return target.getvalue().encode("utf-8-sig", "replace")


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Decimal():
            return f"{cell:.2f}".replace(".", ",")
        case datetime():
            return f"{cell:%d.%m.%Y %H:%M:%S}"
        case date():
            return f"{cell:%d.%m.%Y}"
        case int():
            return str(cell)
    # Never a formula, whoever has chosen it.
    return f"'{cell}" if cell.startswith(_FORMULAS) else cell
