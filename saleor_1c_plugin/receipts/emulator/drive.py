"""The drive at work, by the rules of real ones.

A shift is open for 24 hours at most, after which nothing is registered until it is closed; a drive
whose oldest document the operator of fiscal data has not got for 30 days registers nothing, nor
does one whose life is over. Documents are numbered without gaps, shifts and receipts in them too.
"""

import hashlib
import hmac
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone

from .. import stored
from ..compose.document import Receipt
from ..driver import FiscalData, Health, OutcomeUnknown, ShiftReport, Unavailable
from .models import Document, Drive

LONGEST_SHIFT = timedelta(hours=24)
#: Days for which documents may stay unsent.
LONGEST_UNSENT = timedelta(days=30)
#: Of a drive's key.
_LIFE = timedelta(days=15 * 30)
_SALES = Q(kind__in=("sell", "sell_correction"))
_REFUNDS = Q(kind__in=("sell_refund", "sell_refund_correction"))


def ensure(name: str) -> Drive:
    """The drive of a register; a new one is activated, which is its first document."""
    found = Drive.objects.filter(name=name).first()
    if found is not None:
        return found
    digits = f"{int(hashlib.sha256(name.encode()).hexdigest(), 16) % 10**12:012d}"
    with transaction.atomic():
        drive, is_new = Drive.objects.get_or_create(
            name=name,
            defaults={
                "number": f"9999{digits}",
                "register_number": f"0000{digits}",
                "ends": timezone.now() + _LIFE,
            },
        )
        if is_new:
            _write(drive, Document.Type.REGISTRATION)
            drive.save()
    return drive


@contextmanager
def _held(name: str) -> Iterator[Drive]:
    """The drive, for one operation: another one waits."""
    # As one that is not in this database would: what it has done stays done.
    with transaction.atomic(durable=True):
        drive = _locked(name)
        _fail(drive)
        _require_able(drive)
        yield drive
        drive.save(update_fields=["document", "shift", "opened", "receipts"])
    _lose(drive)


def _locked(name: str) -> Drive:
    drives = Drive.objects.select_for_update()
    drive = drives.filter(name=name).first()
    return drive or drives.get(pk=ensure(name).pk)


def _fail(drive: Drive) -> None:
    """A call over a network may come to nothing: now that is known, now it isn't."""
    if _has_lot(drive.fails):
        if _has_lot(50):
            raise Unavailable("Касса не отвечает")
        raise OutcomeUnknown("Касса ответила ошибкой 500")


def _lose(drive: Drive) -> None:
    """Its answer may be lost."""
    if _has_lot(drive.loses):
        raise OutcomeUnknown("Ответ кассы потерян")


def _has_lot(percent: int) -> bool:
    return random.randrange(100) < percent  # noqa: S311


def open_shift(name: str) -> ShiftReport:
    """Open a shift; the one that is open where there is one."""
    with _held(name) as drive:
        if drive.opened is not None:
            opening = drive.documents.get(type=Document.Type.OPENING, shift=drive.shift)
            return _report(opening)
        drive.shift += 1
        drive.receipts = 0
        opening = _write(drive, Document.Type.OPENING)
        drive.opened = opening.at
        return _report(opening)


def close_shift(name: str) -> ShiftReport | None:
    """Close the shift, however old; ``None``: none is open."""
    with _held(name) as drive:
        if drive.opened is None:
            return None
        closing = _write(drive, Document.Type.CLOSING)
        drive.opened = None
        return _report(closing)


def interim_report(name: str) -> ShiftReport | None:
    """What the open shift has come to; no fiscal document."""
    with _held(name) as drive:
        if drive.opened is None:
            return None
        at = timezone.now()
        return _report(Document(drive=drive, shift=drive.shift, at=at), is_fiscal=False)


def register(name: str, receipt: Receipt, external_id: str) -> Document:
    """Register a receipt, once."""
    with _held(name) as drive:
        known = drive.documents.filter(external_id=external_id).first()
        if known is not None:
            return known
        if drive.opened is None:
            raise Unavailable("Смена закрыта")
        if timezone.now() - drive.opened >= LONGEST_SHIFT:
            raise Unavailable("Смена открыта дольше 24 часов: её нужно закрыть")
        drive.receipts += 1
        return _write(drive, Document.Type.RECEIPT, receipt, external_id)


def find(name: str, external_id: str) -> Document | None:
    """A receipt that was registered; the register must be switched on for that, no more."""
    drive = ensure(name)
    _fail(drive)
    if drive.is_away:
        raise Unavailable("Касса выключена")
    found = drive.documents.filter(external_id=external_id).select_related("drive").first()
    _lose(drive)
    return found


def health(name: str) -> Health:
    """How the register is."""
    drive = ensure(name)
    if drive.is_away:
        raise Unavailable("Касса выключена")
    return Health(
        problem=problem(drive),
        shift=drive.shift if drive.opened else None,
        shift_opened=drive.opened,
        has_paper=drive.has_paper,
        unsent=drive.documents.filter(sent=None).count(),
        drive_ends=drive.ends,
    )


def go_online(name: str) -> int:
    """The operator of fiscal data can be reached again; how many documents it gets at once."""
    with transaction.atomic():
        drive = Drive.objects.select_for_update().get(name=name)
        drive.is_offline = False
        drive.save()
        return drive.documents.filter(sent=None).update(sent=timezone.now())


def problem(drive: Drive) -> str:
    """Why nothing can be registered; empty: it can."""
    now = timezone.now()
    if not drive.has_paper:
        return "Закончилась бумага"
    if now >= drive.ends:
        return "Срок фискального накопителя истёк"
    # One that is online has sent all of them.
    if drive.is_offline:
        unsent = drive.documents.filter(sent=None).order_by("number")
        oldest = unsent.values_list("at", flat=True).first()
        if oldest is not None and now - oldest >= LONGEST_UNSENT:
            return "Документы не передаются в ОФД 30 дней: накопитель заблокирован"
    return ""


def fiscal_data(document: Document) -> FiscalData:
    """What a receipt has become."""
    drive = document.drive
    return FiscalData(
        drive=drive.number,
        document=document.number,
        sign=document.sign,
        at=document.at,
        total=document.total,
        register_number=drive.register_number,
        shift=document.shift,
        number=document.receipt_number,
        is_test=True,
    )


def _require_able(drive: Drive) -> None:
    if drive.is_away:
        raise Unavailable("Касса выключена")
    if wrong := problem(drive):
        raise Unavailable(wrong)


def _write(
    drive: Drive,
    kind: Document.Type,
    receipt: Receipt | None = None,
    external_id: str = "",
) -> Document:
    drive.document += 1
    now = timezone.now().replace(microsecond=0)
    total = receipt.total if receipt else Decimal(0)
    document = Document(
        drive=drive,
        number=drive.document,
        type=kind,
        sign=_sign(drive, now, total),
        at=now,
        shift=drive.shift,
        sent=None if drive.is_offline else now,
        external_id=external_id,
        kind=receipt.kind.value if receipt else "",
        receipt_number=drive.receipts if receipt else 0,
        total=total,
        content=stored.dump(receipt) if receipt else None,
    )
    document.save()
    return document


def _sign(drive: Drive, at: datetime, total: Decimal) -> str:
    """Ten digits that only this drive would make of the document; no real one's."""
    signed = f"{drive.number} {drive.document} {at.isoformat()} {total:f}".encode()
    digest = hmac.digest(drive.key.encode(), signed, "sha256")
    return f"{int.from_bytes(digest[:4]):010d}"


def _report(document: Document, *, is_fiscal: bool = True) -> ShiftReport:
    in_shift = Document.objects.filter(
        drive=document.drive, type=Document.Type.RECEIPT, shift=document.shift
    )
    sums = in_shift.aggregate(
        n=Count("pk"), sold=Sum("total", filter=_SALES), refunded=Sum("total", filter=_REFUNDS)
    )
    return ShiftReport(
        number=document.shift,
        at=document.at,
        document=document.number if is_fiscal else None,
        sign=document.sign if is_fiscal else "",
        receipts=sums["n"],
        sold=sums["sold"] or Decimal(0),
        refunded=sums["refunded"] or Decimal(0),
    )
