"""Papers that a receipt is printed on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil

from .form import Form

#: Millimetres of a row of text, of the code with its margins, and of what is cut off at the ends.
_ROW, _CODE, _ENDS = 4.4, 42, 14


@dataclass(frozen=True, slots=True)
class Paper:
    """A width in millimetres; a roll has no height of its own, and `columns` signs in a row."""

    name: str
    title: str
    size: str
    columns: int = 0

    def page_size(self, form: Form) -> str:
        """For CSS, which knows no page that is as high as what is on it."""
        return f"{self.size} {self._height(form)}mm" if self.columns else self.size

    def _height(self, form: Form) -> int:
        """Of a roll: enough for all of the receipt, so that it is on one page."""
        rows = sum(ceil(len(text) / self.columns) or 1 for text in self._texts(form))
        return ceil(rows * _ROW + _CODE + _ENDS)

    def _texts(self, form: Form) -> Iterator[str]:
        yield form.title
        yield form.kind
        for pairs in (form.seller, form.correction, form.paid, form.taxes, form.rest):
            yield ""
            yield from self._pairs(pairs)
        for line in form.lines:
            yield line.name
            yield from line.notes
            yield f"{line.quantity} x {line.price}"
            yield f"{line.rate} {line.amount}"
            yield ""
        yield from ("", form.total, "")

    def _pairs(self, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
        """Side by side where there is room for it."""
        for name, value in pairs:
            if len(name) + len(value) < self.columns:
                yield name
            else:
                yield from (name, value)


PAPERS = {
    paper.name: paper
    for paper in (
        Paper("80", "Чековая лента 80 мм", "80mm", columns=40),
        Paper("58", "Чековая лента 58 мм", "58mm", columns=26),
        Paper("a4", "Лист A4", "A4"),
    )
}
USUAL = PAPERS["80"]
