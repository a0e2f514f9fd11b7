"""SMSC.ru as a way to reach people."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from ...bots.written import written
from ...channel import Incoming
from ..account import Report, money
from ..channel import Forged, SmsChannel
from . import reading
from .account import SmscAccount
from .settings import SmscSettings

#: Characters of what a buyer writes.
_MOST_TEXT = 2000


class Smsc(SmsChannel):
    """See :class:`~saleor_1c_plugin.messaging.channel.Channel`.

    Reports are signed by SHA-1, or by MD5, as the address says to which they come: there is nothing
    stronger. The service is not asked whether one is true: it counts such questions.
    """

    name = "smsc"
    title = "SMSC.ru"

    def account(self, saved: Mapping[str, object]) -> SmscAccount:
        return SmscAccount(SmscSettings.from_configuration(saved))

    def heard(
        self, saved: Mapping[str, object], headers: Mapping[str, str], fields: Mapping[str, str]
    ) -> Sequence[Report | Incoming]:
        secret = SmscSettings.from_configuration(saved).secret
        told = (fields.get("id", ""), fields.get("phone", ""), fields.get("status", ""))
        if not secret or not _is_signed(":".join([*told, secret]), fields):
            raise Forged
        found = reading.outcome(reading.number(told[2]))
        if found is None:
            return ()
        return (Report(told[0], *found, money(fields.get("cost")), reading.CURRENCY),)

    def received(self, saved: Mapping[str, object], after: str) -> Sequence[Incoming]:
        settings = SmscSettings.from_configuration(saved)
        if not settings.hears:
            return ()
        # Ids grow; another service's reference is none of them.
        rows = SmscAccount(settings).received(after if after.isdecimal() else "")
        told = {number: row for row in rows if (number := reading.number(row.get("id")))}
        return [
            Incoming(
                self.name,
                f"+{str(row.get('phone') or '').lstrip('+')}",
                f"{number}",
                written(row.get("message"), _MOST_TEXT),
            )
            for number, row in sorted(told.items())
        ]


def _is_signed(text: str, fields: Mapping[str, str]) -> bool:
    for name in ("sha1", "md5"):
        if name in fields:
            expected = hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()
            return hmac.compare_digest(expected.encode(), fields[name].lower().encode())
    return False
