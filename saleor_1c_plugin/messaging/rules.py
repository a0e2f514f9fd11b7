"""Which event is told by which channels: the merchant's rules, a line each. Pure.

``order.placed total>=1000 = telegram, sms``: the first channel that reaches the buyer is used, the
next one where that one does not.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from ..history.event import Event, Kind
from ..store.orders import OrderStatus
from .texts import TEXTS

_TOTAL = "total>="


class RuleError(ValueError):
    """A line that is no rule; the text says why, in the reader's language."""


@dataclass(frozen=True, slots=True)
class Rule:
    kind: Kind
    #: Names of channels and of groups of them, in the order in which they are tried.
    channels: tuple[str, ...]
    #: Of an order; empty: any.
    status: str = ""
    #: Least total of the order, in its own currency.
    least: Decimal | None = None

    def __str__(self) -> str:
        about = f"{self.kind}:{self.status}" if self.status else f"{self.kind}"
        least = f" {_TOTAL}{self.least:f}" if self.least is not None else ""
        return f"{about}{least} = {', '.join(self.channels)}"

    def fits(self, event: Event) -> bool:
        """Whether the event is to be told by this rule."""
        if event.kind is not self.kind:
            return False
        if self.status and event.data.get("status") != self.status:
            return False
        return self.least is None or _total(event) >= self.least


def parse(line: str, channels: Collection[str]) -> Rule:
    """The rule that a line is.

    Parameters
    ----------
    channels
        Names that there are, of channels and groups.

    Raises
    ------
    RuleError
        It is none.
    """
    left, equals, right = line.rpartition("=")
    words = left.split()
    if not equals or not words:
        raise RuleError(_("Write it as “order.placed = telegram, sms”."))
    kind, status = _about(words[0])
    names = tuple(right.replace(",", " ").lower().split())
    for name in names:
        if name not in channels:
            known = ", ".join(sorted(channels))
            raise RuleError(
                _("There is no channel “%(name)s”. There are: %(known)s.")
                % {"name": name, "known": known}
            )
    if not names:
        raise RuleError(_("Name a channel after the sign “=”."))
    return Rule(kind, names, status, _least(words[1:]))


def fitting(rules: Sequence[Rule], event: Event) -> list[Rule]:
    """The rules by which an event is told."""
    found = [rule for rule in rules if rule.fits(event)]
    if event.kind is Kind.SHIPMENT_SENT and event.data.get("tracking"):
        # The event of its number says all of it, and comes with this one.
        told = {
            name for rule in rules if rule.kind is Kind.SHIPMENT_TRACKING for name in rule.channels
        }
        found = [rule for rule in found if not told & set(rule.channels)]
    return found


def _about(word: str) -> tuple[Kind, str]:
    name, _colon, status = word.lower().partition(":")
    kinds = {about.partition(":")[0] for about in TEXTS}
    if name not in kinds:
        raise RuleError(
            _("“%(name)s” is none of: %(known)s.")
            % {"name": name, "known": ", ".join(sorted(kinds))}
        )
    if status and (name != Kind.ORDER_STATUS or status not in set(OrderStatus)):
        raise RuleError(
            _("“%(name)s” is none of: %(known)s.")
            % {
                "name": word,
                "known": ", ".join(f"{Kind.ORDER_STATUS}:{one}" for one in OrderStatus),
            }
        )
    return Kind(name), status


def _least(words: Sequence[str]) -> Decimal | None:
    if not words:
        return None
    text = "".join(words).lower()
    try:
        least = Decimal(text.removeprefix(_TOTAL).replace(",", "."))
    except InvalidOperation:
        least = Decimal("NaN")
    if not text.startswith(_TOTAL) or not least.is_finite() or least < 0:
        raise RuleError(_("A condition is written as total>=1000."))
    return least


def _total(event: Event) -> Decimal:
    try:
        return Decimal(event.data.get("total") or event.data.get("amount") or 0)
    except InvalidOperation:
        return Decimal(0)
