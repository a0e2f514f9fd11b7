"""The tables of a report as a workbook, a sheet for each."""

import io
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from .tables import Cell, Table

_MONEY, _DAY, _TIME = "#,##0.00", "dd.mm.yyyy", "dd.mm.yyyy hh:mm:ss"
#: Signs that a cell, and a sheet's name, have at most.
_MOST, _MOST_TITLE = 32_000, 31
_WIDTH = 18


def write(tables: Iterable[Table]) -> bytes:
    """The whole file."""
    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.title[:_MOST_TITLE])
        sheet.freeze_panes = "A2"
        for number in range(1, len(table.columns) + 1):
            sheet.column_dimensions[get_column_letter(number)].width = _WIDTH
        sheet.append([_head(sheet, name) for name in table.columns])
        for row in table.rows:
            sheet.append([_cell(sheet, value) for value in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _head(sheet: Any, text: str) -> Any:
    cell = _cell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Cell) -> Any:
    cell: Any
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value)[:_MOST])
        # Never a formula, whoever has chosen it.
        cell.data_type = "s"
        return cell
    cell = WriteOnlyCell(sheet)
    cell.value = value
    match value:
        case Decimal():
            cell.number_format = _MONEY
        case datetime():
            cell.number_format = _TIME
        case date():
            cell.number_format = _DAY
    return cell
