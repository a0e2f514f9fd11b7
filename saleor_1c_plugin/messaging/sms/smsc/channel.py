"""SMSC.ru as a way to reach people."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from ...channel import Incoming
from ..account import Report, money
from ..channel import Forged, SmsChannel
from . import reading
from .account import SmscAccount
from .settings import SmscSettings


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


def _is_signed(text: str, fields: Mapping[str, str]) -> bool:
    for name in ("sha1", "md5"):
        if name in fields:
            expected = hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()
            return hmac.compare_digest(expected.encode(), fields[name].lower().encode())
    return False
