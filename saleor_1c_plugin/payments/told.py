"""Telling the shop: reports leave by the outbox, in the transaction in which they become known.

So none is lost with a worker, and those about one attempt keep their order. The shop knows a
report again, so that one which is delivered twice, or which was the answer to a buyer's call too,
is told once.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from ..outbox import messages
from ..outbox.errors import Refused
from ..outbox.models import Message
from ..store import current_payments
from ..store.payments import Action, Report, ReportKind
from ..store.ports import StoreError
from .models import Attempt
from .provider import gateway_id

TOPIC = "payments.reports"


def tell(attempt: Attempt, report: Report) -> None:
    """Have the shop told once the present transaction is committed."""
    key = f"{attempt.pk}:{report.kind.value}:{report.reference}"
    payload = {
        "gateway": gateway_id(attempt.provider),
        "transaction": report.transaction,
        "kind": report.kind.value,
        "amount": f"{report.amount:f}",
        "reference": report.reference,
        "at": report.at.isoformat() if report.at else None,
        "message": report.message,
        "method": report.method,
        "actions": [action.value for action in report.actions],
        "asked": report.asked,
    }
    messages.append(TOPIC, str(attempt.pk), payload, key=key)


def deliver(message: Message) -> None:
    """Tell the shop."""
    told = message.payload
    try:
        current_payments().report(told["gateway"], _report(told))
    except StoreError as error:
        raise Refused(str(error)) from error


def _report(told: dict[str, Any]) -> Report:
    return Report(
        transaction=told["transaction"],
        kind=ReportKind(told["kind"]),
        amount=Decimal(told["amount"]),
        reference=told["reference"],
        at=datetime.fromisoformat(told["at"]) if told["at"] else None,
        message=told["message"],
        method=told["method"],
        actions=tuple(Action(action) for action in told["actions"]),
        asked=told["asked"],
    )
