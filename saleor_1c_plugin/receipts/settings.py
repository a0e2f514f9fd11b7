"""What the merchant sets about receipts, channel by channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from ..configuration import Configuration, SettingsError
from ..store import current_store
from ..tax_numbers import is_inn
from .compose.buyer import is_email
from .compose.document import TaxSystem
from .compose.terms import Terms

__all__ = ["PLUGIN", "ReceiptsSettings", "SettingsError", "TaxWord", "Way"]

PLUGIN = "receipts"
_MOSCOW = ZoneInfo("Europe/Moscow")


class Way(StrEnum):
    """How many receipts a sale that is paid in advance has."""

    #: One of the prepayment, one when the goods are handed over.
    TWO = "two"
    #: One, when it is paid.
    ONE = "one"


class TaxWord(StrEnum):
    """Tax systems as the settings name them."""

    OSN = "osn"
    USN_INCOME = "usn_income"
    USN_INCOME_OUTCOME = "usn_income_outcome"
    ESN = "esn"
    PATENT = "patent"

    @property
    def system(self) -> TaxSystem:
        return TaxSystem[self.name]


@dataclass(frozen=True, slots=True)
class ReceiptsSettings:
    """Settings of one channel."""

    tax: TaxWord = TaxWord.OSN
    way: Way = Way.TWO
    #: Names of registers, or of drivers for all of theirs, in the order in which they are asked;
    #: empty: all that are set up.
    registers: tuple[str, ...] = ()
    #: When shifts are closed, by the clock of `zone`.
    closing_hour: int = 23
    zone: ZoneInfo = _MOSCOW
    #: Goods that leave unpaid are sold on credit; else they are paid for when handed over.
    credit: bool = False
    #: Payments by these need no receipt: ids of gateways.
    without: frozenset[str] = frozenset({"saleor1c.invoice"})
    #: Payments that 1C has told of get receipts here too.
    onec_payments: bool = False
    #: Address of the store in the web.
    place: str = ""
    #: Whose registers they are, as the tax service has it: the name, and the ИНН.
    seller: str = ""
    inn: str = ""
    #: From which receipts are sent, as the registers were told.
    sender: str = ""
    #: Buyers are written to from here: the registers' service does not do it.
    letters: bool = False
    #: Each shift goes to 1C as a document once it is over.
    to_onec: bool = False
    #: What has happened earlier gets none; ``None``: what was before the plugin was switched on.
    since: date | None = None

    def terms(self, began: datetime) -> Terms:
        """What receipts are composed by.

        Parameters
        ----------
        began
            When receipts began to be made here: what was before is somebody else's, unless the
            merchant has said since when.
        """
        return Terms(
            tax_system=self.tax.system,
            zone=self.zone,
            one_receipt=self.way is Way.ONE,
            credit=self.credit,
            onec_payments=self.onec_payments,
            without=self.without,
            since=self.since_moment or began,
            place=self.place,
        )

    @property
    def since_moment(self) -> datetime | None:
        """The first moment of `since` in the shop's zone, in UTC."""
        if self.since is None:
            return None
        return datetime.combine(self.since, time.min, self.zone).astimezone(UTC)

    @classmethod
    def load(cls, channel: str) -> "ReceiptsSettings | None":
        """Settings as saved for a channel (its slug); ``None`` while the plugin is off there.

        Raises
        ------
        SettingsError
            They can't be used.
        """
        saved = current_store().configuration(PLUGIN, channel)
        return None if saved is None else cls.from_configuration(saved)

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "ReceiptsSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            There must be all that a receipt needs.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            tax=values.choice("tax_system", default.tax),
            way=values.choice("way", default.way),
            registers=tuple(_words(values, "registers")),
            closing_hour=values.whole("closing_hour", default.closing_hour, 23, 0),
            zone=values.zone("time_zone", default.zone),
            credit=values.flag("credit", default.credit),
            without=frozenset(_words(values, "without", " ".join(default.without))),
            onec_payments=values.flag("onec_payments", default.onec_payments),
            place=values.url("place"),
            seller=" ".join(values.text("seller").split()),
            inn=values.text("inn").replace(" ", ""),
            sender=values.text("sender"),
            letters=values.flag("letters", default.letters),
            to_onec=values.flag("to_onec", default.to_onec),
            since=_day(values, "since"),
        )
        if settings.inn and not is_inn(settings.inn):
            values.refuse("inn", _("This is no ИНН: its check digits are wrong."))
        if settings.sender and not is_email(settings.sender):
            values.refuse("sender", _("Write an e-mail address."))
        if complete and not settings.place:
            values.refuse("place", _("Write the address of the store: it stands on every receipt."))
        values.check()
        return settings


def _words(values: Configuration, key: str, otherwise: str = "") -> list[str]:
    return values.text(key, otherwise).replace(",", " ").split()


def _day(values: Configuration, key: str) -> date | None:
    text = values.text(key)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        values.refuse(key, _("Write the day as 2026-11-25."))
        return None
