"""A buyer who is to get a receipt has to leave an address for it, before anything is paid.

The law (54-FZ, article 1.2, paragraph 5) lets a receipt of an online payment go to the e-mail or
the phone number that the buyer has given before the payment.
"""

import logging

from ..configuration import SettingsError
from ..store.payments import Session
from .compose.buyer import is_email, is_phone, phone
from .settings import ReceiptsSettings

logger = logging.getLogger(__name__)

#: For the developer of a storefront.
MISSING = (
    "The buyer's e-mail (up to 64 characters) or phone (with the country's code) is missing or is "
    "none: the fiscal receipt is sent there"
)


def is_reachable(email: str, number: str) -> bool:
    """Whether a receipt can be sent to one of them."""
    return is_email(email.strip()) or is_phone(phone(number))


def missing(gateway: str, session: Session) -> str:
    """What is missing before a payment may be begun: see :mod:`~..payments.conditions`."""
    try:
        settings = ReceiptsSettings.load(session.channel)
    except SettingsError as error:
        # They were checked when they were saved: another version of the plugin did that.
        logger.error("Receipts can't be made in %s: %s", session.channel, error)
        return ""
    if settings is None or gateway in settings.without:
        return ""
    return "" if is_reachable(session.email, session.phone) else MISSING
