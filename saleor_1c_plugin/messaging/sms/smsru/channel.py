"""SMS.ru as a way to reach people."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

from ...channel import Incoming
from ..account import Report
from ..channel import Forged, SmsChannel
from . import reading
from .account import SmsRuAccount
from .settings import SmsRuSettings

_RECORD = re.compile(r"data\[(\d{1,4})\]")
_STATUS = "sms_status"


class SmsRu(SmsChannel):
    """See :class:`~saleor_1c_plugin.messaging.channel.Channel`."""

    name = "smsru"
    title = "SMS.ru"
    #: Anything else has the service tell again, and give the address up after a while.
    accepted = b"100"

    def account(self, saved: Mapping[str, object]) -> SmsRuAccount:
        return SmsRuAccount(SmsRuSettings.from_configuration(saved))

    def heard(
        self, saved: Mapping[str, object], headers: Mapping[str, str], fields: Mapping[str, str]
    ) -> Sequence[Report | Incoming]:
        records = _records(fields)
        api_id = SmsRuSettings.from_configuration(saved).api_id
        expected = hashlib.sha256("".join([api_id, *records]).encode()).hexdigest()
        if not hmac.compare_digest(expected.encode(), fields.get("hash", "").encode()):
            raise Forged
        found = (_report(record) for record in records)
        return [report for report in found if report is not None]


def _records(fields: Mapping[str, str]) -> list[str]:
    """In the order of their numbers: they are signed in it."""
    numbered = [
        (int(match[1]), value)
        for name, value in fields.items()
        if (match := _RECORD.fullmatch(name))
    ]
    return [value for _number, value in sorted(numbered)]


def _report(record: str) -> Report | None:
    """What a record says of a message; ``None``: it is about something else."""
    kind, reference, status, *_more = [*record.splitlines(), "", "", ""]
    found = reading.outcome(reading.number(status)) if kind == _STATUS and reference else None
    return Report(reference, *found) if found else None
