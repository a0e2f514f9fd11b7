"""A receipt that is registered, with all that is shown of it."""

from dataclasses import dataclass

from .. import qr, stored
from ..compose.document import Receipt as Document
from ..driver import FiscalData
from ..models import Receipt
from .form import Form, form
from .seller import seller


@dataclass(frozen=True, slots=True)
class Printed:
    """What the register was told, what it has made of it, and the text of both."""

    document: Document
    data: FiscalData
    form: Form
    #: Text of the code.
    code: str


def printed(row: Receipt) -> Printed:
    """Of a row whose state is DONE."""
    document, data, owner = _document(row), fiscal_data(row), seller(row.channel)
    return Printed(
        document=document,
        data=data,
        form=form(document, data, owner),
        code=qr.payload(data, document.kind, owner.zone),
    )


def fiscal_data(row: Receipt) -> FiscalData:
    """What the register has told of a receipt that it has registered."""
    if row.fiscal_document is None or row.registered is None:
        raise ValueError(f"Receipt {row.pk} is not registered")
    return FiscalData(
        drive=row.drive,
        document=row.fiscal_document,
        sign=row.sign,
        at=row.registered,
        total=row.total,
        register_number=row.register_number,
        shift=row.shift_number,
        number=row.number,
        url=row.url,
        is_test=row.is_test,
    )


def _document(row: Receipt) -> Document:
    if row.document is None:
        raise ValueError(f"Receipt {row.pk} was never composed")
    return stored.load(row.document)
