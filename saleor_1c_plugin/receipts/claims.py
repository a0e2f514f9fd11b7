"""A worker's right to a receipt: taken in one statement, and given back with what became of it."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from django.db import connection

from ..clock import from_now
from .models import Receipt

#: Renewed while a register is asked.
LEASE_SECONDS = 30

State = Receipt.State

_SENT = """
    SELECT id, state FROM onec_receipts_receipt
    WHERE state = 'sent' AND register = %(register)s AND due <= statement_timestamp()
    ORDER BY due LIMIT %(limit)s
"""
# Receipts of an order go one after another: money is given back after it was taken, and what was
# paid in advance is set off after that has its receipt.
_NEW = """
    SELECT id, state FROM onec_receipts_receipt AS one
    WHERE state = 'queued' AND due <= statement_timestamp()
    AND NOT unfit @> to_jsonb(%(register)s::text) AND EXISTS (
        SELECT 1 FROM jsonb_to_recordset(%(turns)s::jsonb) AS turn (channel text, after jsonb)
        WHERE turn.channel = one.channel AND one.unfit @> turn.after
    ) AND NOT EXISTS (
        SELECT 1 FROM onec_receipts_receipt AS earlier
        WHERE earlier.order_id = one.order_id AND earlier.state IN ('queued', 'sent', 'failed')
          AND (earlier.created, earlier.id) < (one.created, one.id)
    )
"""
_LIMITED = "ORDER BY due LIMIT %(limit)s"
# What was sent comes first: others of its order wait for it.
_CLAIM = f"""
WITH sent AS ({_SENT} FOR UPDATE SKIP LOCKED),
new AS ({_NEW} AND NOT EXISTS (SELECT 1 FROM sent) {_LIMITED} FOR UPDATE SKIP LOCKED),
chosen AS (SELECT * FROM sent UNION ALL SELECT * FROM new)
UPDATE onec_receipts_receipt AS receipt SET
    state = 'sent', register = %(register)s, token = %(token)s, attempts = attempts + 1,
    reason = CASE WHEN chosen.state = 'sent' THEN reason ELSE '' END,
    due = statement_timestamp() + make_interval(secs => %(lease)s)
FROM chosen WHERE receipt.id = chosen.id
RETURNING receipt.*, chosen.state = 'queued' AS is_new
"""  # noqa: S608
_COUNT = f"""
SELECT count(*), bool_or(state = 'queued')
FROM (({_SENT}) UNION ALL ({_NEW} {_LIMITED})) AS waiting
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Turn:
    """A channel whose new receipts a register may have: those that are unfit for some others."""

    #: Slug.
    channel: str
    #: Names of the registers whose turn is before.
    after: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """What a register may do: ask for what it was sent, and new receipts of some channels."""

    register: str
    turns: Sequence[Turn] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A receipt that a worker has; that its register is asked is written down, for good."""

    row: Receipt
    #: It was not sent before.
    is_new: bool


def due(work: Work, most: int) -> tuple[int, bool]:
    """How many there are to do, counted up to `most`, and whether there are new ones."""
    values: dict[str, str | int] = {**_values(work), "limit": most}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        count, are_new = cursor.fetchone()
    return min(int(count), most), bool(are_new)


def claim(work: Work, token: str) -> Claim | None:
    """Take the receipt that has waited longest, of those that were sent or else of the new ones."""
    values: dict[str, str | int] = {
        **_values(work),
        "limit": 1,
        "token": token,
        "lease": LEASE_SECONDS,
    }
    row = next(iter(Receipt.objects.raw(_CLAIM, values)), None)
    return None if row is None else Claim(row, row.__dict__["is_new"])


def keep(tokens: Collection[str]) -> None:
    """Renew what these have."""
    if tokens:
        Receipt.objects.filter(token__in=tokens).update(due=from_now(LEASE_SECONDS))


def release(row: Receipt, reason: str = "") -> bool:
    """No register has it: whichever is free, and fit, may."""
    return _write(
        row,
        state=State.QUEUED,
        register="",
        reference="",
        unfit=row.unfit,
        reason=reason,
        due=from_now(0),
        token="",
    )


def postpone(row: Receipt, seconds: float, reason: str, reference: str = "") -> bool:
    """Have the register that was asked for it asked again."""
    values = {"reference": reference} if reference else {}
    return _write(row, due=from_now(seconds), reason=reason, token="", **values)


def fail(row: Receipt, reason: str) -> bool:
    """Let a person mend it."""
    return _write(row, state=State.FAILED, unfit=row.unfit, due=None, reason=reason, token="")


def finish(row: Receipt, **values: object) -> bool:
    """It is registered; the row says so too."""
    written = {**values, "state": State.DONE, "due": None, "token": ""}
    is_ours = _write(row, **written)
    if is_ours:
        for name, value in written.items():
            setattr(row, name, value)
    return is_ours


def _write(row: Receipt, **values: object) -> bool:
    """Whether the receipt was still ours: another worker may have taken it over."""
    return bool(Receipt.objects.filter(pk=row.pk, token=row.token).update(**values))


def _values(work: Work) -> dict[str, str]:
    return {
        "register": work.register,
        "turns": json.dumps([asdict(turn) for turn in work.turns]),
    }
