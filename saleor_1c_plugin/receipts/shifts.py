"""Shifts of registers that leave them to us: opened before the first receipt, closed in time.

The register decides: what is written down here is what it was when it was asked last, and after
anything that went wrong it is asked again. All of this is done by the one worker that has the
register (see :func:`~.registers.take`).
"""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from . import listeners, registers
from .driver import KeepsShifts, Register, ShiftReport
from .models import Shift
from .registers import Till
from .settings import ReceiptsSettings

#: The law has 24 hours. Whoever is late with the next receipt must not be too late.
LONGEST = timedelta(hours=23, minutes=30)
#: So long it is believed to be as it was: somebody may press a button on it.
_BELIEVED = timedelta(minutes=10)


def current(register: str) -> Shift | None:
    """The shift that is open as far as is known."""
    rows = Shift.objects.filter(register=register, closed=None)
    return rows.order_by("-opened", "-pk").first()


def is_over(opened: datetime, settings: ReceiptsSettings, now: datetime) -> bool:
    """Whether a shift is to be closed: the hour for that has struck since, or it grows too old."""
    today = now.astimezone(settings.zone).date()
    struck = datetime.combine(today, time(settings.closing_hour), settings.zone)
    if struck > now:
        struck = datetime.combine(
            today - timedelta(days=1), time(settings.closing_hour), settings.zone
        )
    return opened < struck or now - opened >= LONGEST


def make_ready(till: Till, settings: ReceiptsSettings) -> None:
    """Have a shift open in which a receipt may be registered now.

    Raises
    ------
    Unavailable, OutcomeUnknown
        See :class:`~.driver.Register`; nothing of the receipt was begun.
    """
    register = till.register
    if not isinstance(register, KeepsShifts):
        return
    shift = current(till.name)
    if shift is None or not registers.was_checked(till.name, _BELIEVED):
        shift = look(register, shift)
    if shift is not None and is_over(shift.opened, settings, timezone.now()):
        close(register, shift)
        shift = None
    if shift is None:
        shift = _open(register)
        if is_over(shift.opened, settings, timezone.now()):
            # It was open all the time: an old one, that nobody here knew of.
            close(register, shift)
            _open(register)


def close_in_time(till: Till, settings: ReceiptsSettings) -> None:
    """Close the shift if it is time to; see :func:`make_ready` for what it raises."""
    register = till.register
    if not isinstance(register, KeepsShifts):
        return
    shift = current(till.name)
    if shift is not None and is_over(shift.opened, settings, timezone.now()):
        shift = look(register, shift)
        if shift is not None and is_over(shift.opened, settings, timezone.now()):
            close(register, shift)


def look(register: Register, known: Shift | None) -> Shift | None:
    """Ask the register which shift is open, and write that down; see :func:`make_ready`."""
    health = register.health()
    registers.note(register.name, health)
    if not isinstance(register, KeepsShifts):
        return None
    if known is not None and known.number == health.shift:
        return known
    if known is not None:
        # By somebody else, or by us, and the answer was lost.
        _end(known, None)
    if health.shift is None:
        return None
    opened = health.shift_opened or timezone.now()
    shift, _ = Shift.objects.get_or_create(
        register=register.name, number=health.shift, opened=opened
    )
    return shift


def close(register: KeepsShifts, shift: Shift) -> None:
    """Close a shift; see :func:`make_ready` for what it raises."""
    _end(shift, register.close_shift())


def _open(register: KeepsShifts) -> Shift:
    report = register.open_shift()
    shift, _ = Shift.objects.get_or_create(
        register=register.name, number=report.number, opened=report.at
    )
    return shift


def _end(shift: Shift, report: ShiftReport | None) -> None:
    """Write down that a shift is closed; without a report only that."""
    shift.closed = report.at if report else timezone.now()
    if report is not None:
        shift.fiscal_document, shift.sign = report.document, report.sign
        shift.receipts = report.receipts
        shift.sold, shift.refunded = report.sold, report.refunded
    with transaction.atomic():
        shift.save()
        listeners.closed(shift)
