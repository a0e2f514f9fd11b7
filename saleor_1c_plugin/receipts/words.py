"""What pages and files for staff call things, in the language of the moment."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from ..orders.known import Knowledge
from .compose.document import Kind, Means, Vat
from .models import Receipt
from .reports.matching import Outcome


def kinds() -> Mapping[str, str]:
    return {
        Kind.SELL: _("Sale"),
        Kind.SELL_REFUND: _("Refund of a sale"),
        Kind.SELL_CORRECTION: _("Correction of a sale"),
        Kind.SELL_REFUND_CORRECTION: _("Correction of a refund"),
    }


def states() -> Mapping[str, str]:
    return {
        Receipt.State.QUEUED: _("To be sent"),
        Receipt.State.SENT: _("At the register"),
        Receipt.State.DONE: _("Registered"),
        Receipt.State.FAILED: _("Failed"),
        Receipt.State.DROPPED: _("Dropped"),
    }


def outcomes() -> Mapping[Outcome, str]:
    return {
        Outcome.WITHOUT: _("Without a receipt"),
        Outcome.UNPAID: _("Receipt without a payment"),
        Outcome.AMOUNT: _("Another amount"),
        Outcome.PRINTED: _("Another amount at the register"),
        Outcome.FAILED: _("Failed"),
        Outcome.OVERDUE: _("Overdue"),
        Outcome.NOT_IN_ONEC: _("Not in 1C"),
        Outcome.WAITING: _("Waits for a register"),
        Outcome.DROPPED: _("Dropped"),
        Outcome.EXEMPT: _("Needs no receipt"),
        Outcome.MATCHED: _("Matched"),
    }


def knowledge() -> Mapping[Knowledge, str]:
    return {
        Knowledge.CONFIRMED: _("confirmed"),
        Knowledge.WAITING: _("not taken yet"),
        Knowledge.ABSENT: _("not known"),
    }


def means() -> Mapping[Means, str]:
    return {
        Means.CASH: _("Cash"),
        Means.ELECTRONIC: _("By electronic means"),
        Means.PREPAID: _("Set off"),
        Means.CREDIT: _("On credit"),
        Means.OTHER: _("Other"),
    }


def rates() -> Mapping[Vat, str]:
    return {
        Vat.RATE_22: "22%",
        Vat.RATE_20: "20%",
        Vat.RATE_10: "10%",
        Vat.RATE_7: "7%",
        Vat.RATE_5: "5%",
        Vat.RATE_22_122: "22/122",
        Vat.RATE_20_120: "20/120",
        Vat.RATE_10_110: "10/110",
        Vat.RATE_7_107: "7/107",
        Vat.RATE_5_105: "5/105",
        Vat.RATE_0: "0%",
        Vat.NONE: _("without VAT"),
    }
