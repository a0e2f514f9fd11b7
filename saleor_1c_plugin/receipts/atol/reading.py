"""What an answer of ATOL Online's says of a receipt; sections 6.2, 6.3 and 8 of the document."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ..connecting import AccessDenied
from ..driver import Answer, FiscalData, OutcomeUnknown, Progress, Refused
from ..fiscal import checked
from .client import Reply

#: The service has a document with this external id already.
KNOWN = 33
#: The service does not know this id of a document.
NO_SUCH = 30
#: It has the document, and has not come to it yet.
_LATER = 34
#: The account has no way to this group, or the group does not speak this version.
_NO_WAY = (20, 21)
#: The document is not as it should be: it was not taken.
_WRONG = (13, 31, 32, 40, 41)


def accepted(reply: Reply) -> str:
    """The service's id of a document that was handed over just now, or earlier.

    Raises
    ------
    Refused, Unavailable, OutcomeUnknown
        See :meth:`~saleor_1c_plugin.receipts.driver.Register.send`.
    """
    uuid = reply.body.get("uuid")
    has_id = isinstance(uuid, str) and uuid != ""
    if has_id and (reply.code == KNOWN or (not reply.code and reply.body.get("status") != "fail")):
        return str(uuid)
    _require_way(reply)
    if reply.code in _WRONG:
        raise Refused(f"АТОЛ Онлайн не принял чек: {reply.why}")
    # Errors of the service's own, of which the document says only whom to ask.
    raise OutcomeUnknown(f"АТОЛ Онлайн: {reply.why}")


def outcome(reply: Reply, reference: str, zone: ZoneInfo, *, is_test: bool) -> Answer:
    """How a document is.

    Raises
    ------
    Refused, Unavailable, OutcomeUnknown
        See :meth:`~saleor_1c_plugin.receipts.driver.Register.find`.
    """
    status = reply.body.get("status")
    if status == "done":
        payload = reply.body.get("payload")
        data = fiscal_data(payload if isinstance(payload, Mapping) else {}, zone, is_test=is_test)
        return Answer(Progress.DONE, reference, data)
    if reply.code == _LATER or (status == "wait" and not reply.code):
        return Answer(Progress.WAITING, reference)
    _require_way(reply)
    if reply.code == NO_SUCH:
        # It gave this id itself: either 32 days are over, or something is amiss there.
        raise Refused(
            "АТОЛ Онлайн не находит чек, который принял: посмотрите в личном кабинете, "
            f"зарегистрирован ли он. {reply.why}"
        )
    if status == "fail":
        raise Refused(f"Касса АТОЛ Онлайн не зарегистрировала чек: {reply.why}")
    raise OutcomeUnknown(f"АТОЛ Онлайн: {reply.why}")


def fiscal_data(payload: Mapping[str, Any], zone: ZoneInfo, *, is_test: bool) -> FiscalData:
    """What a register has made of a receipt.

    Raises
    ------
    OutcomeUnknown
        The service does not say it.
    """
    try:
        told = f"{payload['receipt_datetime']} +0000"
        at = datetime.strptime(told, "%d.%m.%Y %H:%M:%S %z")
        found = FiscalData(
            drive=str(payload["fn_number"]),
            document=int(payload["fiscal_document_number"]),
            sign=str(int(payload["fiscal_document_attribute"])),
            at=at.replace(tzinfo=zone),
            total=Decimal(str(payload["total"])),
            register_number=str(payload.get("ecr_registration_number") or ""),
            shift=int(payload.get("shift_number") or 0),
            number=int(payload.get("fiscal_receipt_number") or 0),
            url=_url(payload.get("ofd_receipt_url")),
            is_test=is_test,
        )
        return checked(found)
    except (ArithmeticError, KeyError, TypeError, ValueError):
        raise OutcomeUnknown("АТОЛ Онлайн не назвал реквизитов готового чека") from None


def _require_way(reply: Reply) -> None:
    if reply.code in _NO_WAY:
        raise AccessDenied(f"АТОЛ Онлайн не пускает: {reply.why}")


def _url(given: object) -> str:
    """Of a page for people; what is no address of one is not shown."""
    text = str(given or "")
    return text if text.startswith(("https://", "http://")) else ""
