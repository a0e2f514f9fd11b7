"""Lines of the report that a person closes: what has no remedy here, or needs none.

Another site sells by the same account, a payment was put right at the provider's, a buyer leaves
what was paid twice for the next order: no program can know that. A closed line is folded away and
counts no more, with a name and a reason; the file has it still.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256

from django.core import signing
from django.utils import timezone

from ...money import quantize
from ...store import bulk
from ..models import Attempt, Notification
from ..provider import EntryKind
from .matching import Closed, Fact, Own, Row
from .models import ClosedLine

Kind = ClosedLine.Kind

_SALT = "saleor_1c_plugin.payments.registry.closing"
MOST_NOTE = 500

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is now: `said` is a digest of all in it that a person has judged by."""

    kind: ClosedLine.Kind
    provider: str
    reference: str
    said: str

    @property
    def token(self) -> str:
        """What a page gives back to say that it means this line, as it was shown."""
        return signing.dumps(
            [self.kind.value, self.provider, self.reference, self.said], salt=_SALT
        )


def move(row: Row) -> Line:
    """A move of money."""
    name = "payment" if row.fact.kind is EntryKind.PAYMENT else "refund"
    sides = [_side(side) for side in (row.listed, row.own, row.sold)]
    said = _digest(row.outcome.value, *sides)
    return Line(Kind.MOVE, row.fact.provider, f"{name}:{row.fact.reference}", said)


def problem(attempt: Attempt) -> Line:
    """A payment that is not what was asked for."""
    return Line(Kind.PROBLEM, attempt.provider, str(attempt.pk), _digest(attempt.problem))


def notification(item: Notification) -> Line:
    """What was put aside."""
    return Line(Kind.NOTIFICATION, item.provider, item.digest, _digest(item.reason))


def double(attempt: Attempt, left: str) -> Line:
    """What was paid twice; `left` is what of it has not gone back."""
    said = _digest(f"{quantize(attempt.duplicate, attempt.currency):f}", left)
    return Line(Kind.DOUBLE, attempt.provider, str(attempt.pk), said)


def closed(lines: Collection[Line]) -> Mapping[Line, Closed]:
    """Those of these lines that are closed."""
    if not lines:
        return {}
    references = bulk.any_of({line.reference for line in lines}, "text")
    found = {
        Line(Kind(row.kind), row.provider, row.reference, row.said): Closed(
            row.who, row.at, row.note
        )
        for row in ClosedLine.objects.filter(reference__in=references)
    }
    return {line: found[line] for line in lines if line in found}


def close(token: str, who: str, note: str) -> None:
    """Say that a line needs nobody any more.

    Raises
    ------
    django.core.signing.BadSignature
        No page has shown such a line.
    """
    line = _line(token)
    values = {"said": line.said, "who": who, "note": note[:MOST_NOTE], "at": timezone.now()}
    ClosedLine.objects.update_or_create(
        values, kind=line.kind, provider=line.provider, reference=line.reference
    )


def reopen(token: str, who: str) -> None:
    """Take that back.

    Raises
    ------
    django.core.signing.BadSignature
        No page has shown such a line.
    """
    line = _line(token)
    for row in ClosedLine.objects.filter(
        kind=line.kind, provider=line.provider, reference=line.reference
    ):
        logger.info("%s, closed by %s (%s), was opened again by %s", row, row.who, row.note, who)
        row.delete()


def note_of(text: str) -> str:
    """A reason as it is kept: in one line, and nothing in it that can't be shown."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _line(token: str) -> Line:
    kind, provider, reference, said = signing.loads(token, salt=_SALT)
    return Line(Kind(kind), provider, reference, said)


def _side(side: Fact | None) -> str:
    if side is None:
        return ""
    state = f"{side.is_moved} {side.state}" if isinstance(side, Own) else ""
    return f"{side.kind} {quantize(side.amount, side.currency):f} {side.currency} {state}"


def _digest(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()
