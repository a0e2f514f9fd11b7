"""Twilio as a way to reach people, and for them to answer."""

from collections.abc import Mapping, Sequence

from ...channel import Incoming
from ..account import Outcome, Report
from ..channel import Forged, SmsChannel
from . import reading
from .account import TwilioAccount
from .settings import TwilioSettings
from .signing import is_signed

_HEADER = "x-twilio-signature"


class Twilio(SmsChannel):
    """See :class:`~saleor_1c_plugin.messaging.channel.Channel`."""

    name = "twilio"
    title = "Twilio"
    #: TwiML: nothing more is to be done.
    accepted = b"<Response/>"
    accepted_type = "text/xml"
    is_priced_later = True

    def account(self, saved: Mapping[str, object]) -> TwilioAccount:
        return TwilioAccount(TwilioSettings.from_configuration(saved))

    def heard(
        self, saved: Mapping[str, object], headers: Mapping[str, str], fields: Mapping[str, str]
    ) -> Sequence[Report | Incoming]:
        settings = TwilioSettings.from_configuration(saved)
        given, url = headers.get(_HEADER, ""), settings.notification_url
        # By that address Twilio knows us: behind a proxy a request does not tell it.
        if not url or not is_signed(given, settings.auth_token, url, fields):
            raise Forged
        reference = fields.get("MessageSid", "")
        if not reference or fields.get("AccountSid") != settings.account_sid:
            return ()
        if "Body" in fields and "MessageStatus" not in fields:
            return (Incoming(self.name, fields.get("From", ""), reference, fields["Body"]),)
        found = reading.outcome(fields.get("MessageStatus", ""))
        if found is None:
            return ()
        failed = found is Outcome.FAILED
        why = reading.reason(fields.get("ErrorCode"), fields.get("ErrorMessage")) if failed else ""
        return (Report(reference, found, why),)
