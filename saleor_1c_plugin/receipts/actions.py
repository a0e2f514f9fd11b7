"""What people do with receipts: see that what failed is sent again, that there is none, or that a
wrong one is put right.

Each raises :class:`Impossible` where it can't be done (any more).
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from ..configuration import SettingsError
from ..store import current_orders
from ..store.orders import Order
from . import facts, noticing, queue, stored
from .compose import correction
from .compose.check import problems
from .compose.document import Correction
from .compose.document import Receipt as Document
from .facts import Needed
from .mending import Changes, mended
from .models import Receipt
from .settings import ReceiptsSettings

State = Receipt.State
#: The law names no term for what somebody finds out; a day is soon.
_TERM = timedelta(days=1)


class Impossible(Exception):
    """It can't be done; the text says why, in the reader's language."""


def send_anew(receipt_id: UUID) -> Receipt:
    """Have a failed receipt composed anew and sent, after what was wrong was mended.

    It may fail again: the receipt that is returned says so. A correction is sent as it is.
    """
    with _locked(receipt_id) as (row, order):
        if row.state != State.FAILED:
            raise Impossible(_("Only a receipt that has failed can be sent anew."))
        if row.corrects_id is not None:
            # The register knows what it has turned down.
            row.version += bool(row.register)
            _queue(row)
            return row
        if order is None:
            raise Impossible(_("The order is not there any more."))
        for written in noticing.look(order, _settings(order), anew=row.pk):
            if written.pk == row.pk:
                return written
        raise Impossible(_("The order does not call for this receipt any more: drop it."))


def mend(receipt_id: UUID, changes: Changes, note: str) -> Receipt:
    """Send what a register has turned down, with what a person has changed of it.

    For what can't be mended in the shop, or not in time.
    """
    with _locked(receipt_id) as (row, _order):
        if row.state != State.FAILED or row.document is None:
            raise Impossible(_("Only a receipt that a register has turned down can be changed."))
        receipt = mended(stored.load(row.document), changes)
        if wrong := problems(receipt):
            raise Impossible("; ".join(wrong))
        row.document = stored.dump(receipt)
        row.note = note.strip() or row.note
        # The register knows what it has turned down.
        row.version += bool(row.register)
        _queue(row)
        return row


def drop(receipt_id: UUID, note: str) -> Receipt:
    """Say that there is to be no receipt, and why."""
    with _locked(receipt_id) as (row, order):
        if row.state not in (State.FAILED, State.QUEUED) or row.token:
            raise Impossible(_("A register may have it: it can't be dropped."))
        row.note = _required(note)
        row.state, row.due = State.DROPPED, None
        row.save()
        # What waited for it can be composed now, and what stands behind it can be sent.
        if order is not None:
            with suppress(Impossible):
                noticing.look(order, _settings(order))
        queue.call()
        return row


def let_go(receipt_id: UUID, note: str) -> Receipt:
    """Say that the register that was asked has not registered it: another one may.

    For a register that will never answer again; whoever says so has looked at its receipts.
    """
    with _locked(receipt_id) as (row, _order):
        if row.state != State.SENT or row.token:
            raise Impossible(_("No register is being asked for it."))
        row.note = _required(note)
        _queue(row)
        return row


def correct(
    receipt_id: UUID,
    reason: str,
    *,
    again: bool,
    number: str = "",
) -> list[Receipt]:
    """Have a wrong receipt taken back by a correction; those that are made.

    Parameters
    ----------
    reason
        What was wrong.
    again
        A second one says how it should have been: as the order calls for it now, after what was
        wrong was mended. Else there should have been none.
    number
        Of the tax service's order, where it has ordered this.
    """
    with _locked(receipt_id) as (row, order):
        if row.state != State.DONE or row.registered is None or row.document is None:
            raise Impossible(_("Only a receipt that was registered can be corrected."))
        if Receipt.objects.filter(corrects=row).exclude(state=State.DROPPED).exists():
            raise Impossible(_("It is being corrected already."))
        if order is None:
            raise Impossible(_("The order is not there any more."))
        settings = _settings(order)
        why = Correction(
            day=row.registered.astimezone(settings.zone).date(),
            on_order=bool(number.strip()),
            number=number.strip(),
            reason=_required(reason),
            sign=row.sign,
        )
        wrong = stored.load(row.document)
        number_of_it = Receipt.objects.filter(corrects=row, state=State.DROPPED).count() + 1
        made = [
            (facts.undone(row.fact, number_of_it), correction.taken_back(wrong, why), row.moved)
        ]
        if again:
            right = _right(row, order, settings)
            if isinstance(right.receipt, str):
                raise Impossible(right.receipt)
            if right.receipt == wrong:
                raise Impossible(_("Composed anew it would be the same."))
            fact = facts.corrected(row.fact, number_of_it)
            made.append((fact, correction.late(right.receipt, why), right.moved))
        rows = [_correction(row, *one) for one in made]
        queue.call()
        return rows


def _right(row: Receipt, order: Order, settings: ReceiptsSettings) -> Needed:
    """What the order calls for now in place of a receipt."""
    for one in noticing.needed(order, settings, anew=row.pk):
        if one.fact == row.fact:
            return one
    raise Impossible(_("The order does not call for this receipt any more."))


def _correction(wrong: Receipt, fact: str, receipt: Document, moved: Decimal) -> Receipt:
    now = timezone.now()
    return Receipt.objects.create(
        fact=fact,
        order_id=wrong.order_id,
        order_number=wrong.order_number,
        channel=wrong.channel,
        kind=receipt.kind,
        document=stored.dump(receipt),
        total=receipt.total,
        moved=moved,
        happened=now,
        deadline=now + _TERM,
        corrects=wrong,
        note=receipt.correction.reason if receipt.correction else "",
    )


@contextmanager
def _locked(receipt_id: UUID) -> Iterator[tuple[Receipt, Order | None]]:
    """A receipt and its order, which nobody else writes."""
    order_id = Receipt.objects.values_list("order_id", flat=True).filter(pk=receipt_id).first()
    if order_id is None:
        raise Impossible(_("There is no such receipt."))
    with transaction.atomic():
        # In the same order as whoever looks at the order's facts.
        current_orders().lock(order_id)
        order = next(iter(current_orders().read_orders([order_id])), None)
        yield Receipt.objects.select_for_update().get(pk=receipt_id), order


def _queue(row: Receipt) -> None:
    """Have it sent to whichever register is free."""
    row.state, row.due = State.QUEUED, Now()
    row.register = row.reference = row.reason = ""
    row.unfit, row.attempts = [], 0
    row.save()
    queue.call()


def _settings(order: Order) -> ReceiptsSettings:
    try:
        settings = ReceiptsSettings.load(order.channel)
    except SettingsError as error:
        raise Impossible(str(error)) from error
    if settings is None:
        raise Impossible(_("Receipts are switched off in the channel of this order."))
    return settings


def _required(note: str) -> str:
    if not note.strip():
        raise Impossible(_("Say why."))
    return note.strip()
