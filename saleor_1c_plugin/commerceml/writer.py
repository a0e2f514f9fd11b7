"""Writing documents as a stream: a container at a time, memory that does not grow."""

from collections.abc import Iterable
from datetime import datetime
from typing import BinaryIO, Literal

from .document_writer import document, moment
from .documents import Container
from .elements import ROOT
from .forms import form_of

#: What 1C reads; of windows-1251 what it has no letter for becomes a character reference.
Encoding = Literal["utf-8", "windows-1251"]


def write(
    target: BinaryIO,
    containers: Iterable[Container],
    *,
    schema: str,
    encoding: Encoding,
    created: datetime,
    namespace: bool = False,
    separate: bool = False,
) -> None:
    """Write a file of documents for 1C.

    Files of schema 2.03 to 2.09 are valid by the published schema when they carry the namespace:
    texts are cut to its lengths, words that it does not know are replaced by its own, control
    characters are left out. Schema 3 looks as 1C-Bitrix writes it.

    Parameters
    ----------
    target
        Where bytes are written to, as they come.
    schema
        ``"2.03"`` to ``"2.10"``, or ``"3.1"``.
    created
        When the file is made, in the shop's zone: 1C knows no other. The same holds of all
        moments in the documents.
    namespace
        Whether elements are in 1C's namespace. Exchange files usually carry none, of sites least
        of all.
    separate
        Whether in schema 2 payments and shipments are documents of their own, behind their
        order; in schema 3 they always are, inside its container.

    Raises
    ------
    ValueError
        There is no such schema.
    """
    form = form_of(schema)
    xmlns = f' xmlns="{form.namespace}"' if namespace else ""

    def put(text: str) -> None:
        target.write(text.encode(encoding, "xmlcharrefreplace"))

    put(
        f'<?xml version="1.0" encoding="{encoding}"?>\n<{ROOT}{xmlns} ВерсияСхемы="{schema}" '
        f'ДатаФормирования="{moment(created)}">\n'
    )
    for container in containers:
        others = container.others if separate or form.containers else ()
        text = "".join(document(item, form) for item in (container.order, *others))
        put(f"<Контейнер>\n{text}</Контейнер>\n" if form.containers else text)
    put(f"</{ROOT}>\n")
