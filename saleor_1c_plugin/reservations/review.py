"""Bringing the holds of one cart into the state that is right now.

Everything that changes a hold goes through here, whatever the reason was: a request of the buyer's,
a change of the cart, the end of a term. It may be run at any time, any number of times; it happens
in one transaction, so that a process may die anywhere.

One thing is done elsewhere: units that a stock has lost (:mod:`.shortage`), where stocks are
locked already and no cart can be.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from ..store import current_carts
from ..store.carts import CartLine, Held, Lack, Wanted
from ..store.prepared import prepared
from . import events, notices, onec, policy
from .errors import Code, ReservationError
from .events import Event
from .locks import in_transaction, lock_buyer
from .models import End, Hold
from .settings import ReservationSettings, of_channels

#: A line that was held and ended so is not held again unless the buyer asks.
_NOT_AGAIN = (End.EXPIRED, End.CANCELLED)
_RESTATED = (
    *("kind", "buyer", "buyer_id", "place", "price"),
    *("began", "term", "latest", "ends", "reminded"),
)
_HELD_ANEW = (*_RESTATED, "quantity", "end", "ended")
_CLOSED = ("end", "ended", "is_settled")
_CODES = {Lack.STOCK: Code.INSUFFICIENT_STOCK, Lack.SHARE: Code.STOCK_SHARE}
_MESSAGES = {
    Code.NOT_FOUND: "The cart has no such line.",
    Code.DISABLED: "Nothing is reserved in this channel, or for such a buyer.",
    Code.INSUFFICIENT_STOCK: "There is not enough of it.",
    Code.BUYER_LIMIT: "The buyer may not reserve so many units.",
    Code.STOCK_SHARE: "No more of what is free may be reserved.",
    Code.NOT_RESERVABLE: "These goods are not reserved.",
    Code.UNAVAILABLE: "The goods can't be bought in this channel.",
    Code.NOT_EXTENDABLE: "It can't be extended any more.",
}


def refusal(code: Code, line_ids: Collection[str] = ()) -> ReservationError:
    """The error with this code; about the cart itself where none of its lines is named."""
    if code is Code.NOT_FOUND and not line_ids:
        return ReservationError(code, "There is no such cart.", field="checkoutId")
    return ReservationError(
        code, _MESSAGES[code], field="lineIds" * bool(line_ids), line_ids=line_ids
    )


def review(
    cart_id: str, channels: Mapping[str, ReservationSettings] | None = None
) -> datetime | None:
    """Bring the holds of a cart into the state that is right now; safe at any time.

    Parameters
    ----------
    channels
        The settings, for who has just read them.

    Returns
    -------
    datetime | None
        When the first of its holds ends, where there is one.
    """
    known = of_channels() if channels is None else channels

    def work() -> datetime | None:
        cart = Review(cart_id, known)
        cart.create_automatic()
        cart.write()
        return min((hold.ends for hold in cart.live.values()), default=None)

    return in_transaction(work)


class Review:
    """A cart and its holds: locked and looked at, changed, written.

    Parameters
    ----------
    channels
        Settings of those in which anything is reserved, by slug.
    """

    def __init__(self, cart_id: str, channels: Mapping[str, ReservationSettings]) -> None:
        self._carts = current_carts()
        self._id = cart_id
        self.cart = self._carts.read_cart(cart_id) if self._carts.lock_cart(cart_id) else None
        # Only now: it may have waited long for the lock.
        self.now = timezone.now()
        rows = _holds(cart_id)
        self._ended = [hold for hold in rows if hold.is_settled]
        self.settings = channels.get(self.cart.channel) if self.cart else None
        self.lines = {line.id: line for line in self.cart.lines} if self.cart else {}
        #: Line → its hold that is in force, or will be.
        self.live: dict[str, Hold] = {}
        #: Line → what is to be held for it.
        self._wanted: dict[str, Wanted] = {}
        #: Line → what to make of it where that can't be held.
        self._otherwise: dict[str, End | Code | None] = {}
        self._closed: list[Hold] = []
        self._born: list[Hold] = []
        self._restated: list[Hold] = []
        #: Those that are held for longer than they should be.
        self._shortened: list[Hold] = []
        self._others: int | None = None
        self._assess([hold for hold in rows if not hold.is_settled])

    # What is to be done.

    def reservable(self) -> Collection[str]:
        """The lines that are meant by all: without presents and the like, if there are others."""
        never = [
            line.id
            for line in self.lines.values()
            if line.id not in self.live and self._obstacle(line) is Code.NOT_RESERVABLE
        ]
        return [line_id for line_id in self.lines if line_id not in never] or list(self.lines)

    def create(self, line_ids: Collection[str]) -> None:
        """Hold these lines too.

        Raises
        ------
        ReservationError
            One of them can't be; of all that can't the first reason is told.
        """
        for code, ids in self._obstacles(line_ids):
            raise refusal(code, ids)
        for line_id in line_ids:
            if line_id not in self.live:
                self._begin(self.lines[line_id], Code.INSUFFICIENT_STOCK)

    def create_automatic(self) -> None:
        """Hold every line that can be, in a channel that reserves by itself."""
        if self.settings is None or not self.settings.is_automatic:
            return
        again = {hold.line_id for hold in (*self._ended, *self._closed) if hold.end in _NOT_AGAIN}
        for line in self.lines.values():
            if line.id in self.live or line.id in again or self._obstacle(line):
                continue
            left = self._units_left()
            if left is None or line.quantity <= left:
                self._begin(line, None)

    def extend(self, line_ids: Collection[str] | None) -> None:
        """Hold these lines for another term from now on; without any, all that it is possible for.

        Raises
        ------
        ReservationError
            One of them can't be, or none of all.
        """
        chosen = self.live if line_ids is None else line_ids
        if self.settings is None or self.cart is None:
            raise refusal(Code.DISABLED, line_ids or ())
        later = {}
        for line_id in chosen:
            if line_id in self.live:
                hold = self.live[line_id]
                term = policy.extended(hold, self.settings, self.cart, self.now)
                if term is not None:
                    later[line_id] = term
        refused = [line_id for line_id in chosen if line_id not in later]
        if not later or (refused and line_ids is not None):
            raise refusal(Code.NOT_EXTENDABLE, refused)
        for line_id, term in later.items():
            hold = self.live[line_id]
            hold.term, hold.reminded = term, None
            self._hold_anew(hold, Code.INSUFFICIENT_STOCK)

    def cancel(self, line_ids: Collection[str] | None) -> list[Hold]:
        """End the holds of these lines, or of all; those that are ended by it."""
        chosen = list(self.live) if line_ids is None else line_ids
        cancelled = [self.live[line_id] for line_id in chosen if line_id in self.live]
        for hold in cancelled:
            self._wanted.pop(hold.line_id, None)
            self._close(hold, End.CANCELLED)
        return cancelled

    def holds_of(self, line_ids: Collection[str]) -> list[Hold]:
        """What these lines have, once all is written.

        Raises
        ------
        ReservationError
            One of them has lost its hold meanwhile: the next review says so, this one is undone.
        """
        lost = [line_id for line_id in line_ids if line_id not in self.live]
        if lost:
            raise refusal(Code.INSUFFICIENT_STOCK, lost)
        return [self.live[line_id] for line_id in line_ids]

    # Looking at what is there.

    def _assess(self, holds: Sequence[Hold]) -> None:
        """Decide about every hold that is not settled yet."""
        held = self._carts.held([hold.line_id for hold in holds]) if holds else {}
        in_force = [hold for hold in holds if not hold.end]
        fallen = [hold for hold in holds if hold.end]
        for hold in in_force:
            # Before any is held anew: a buyer's limit counts all of them.
            self.live[hold.line_id] = hold
            policy.follow_clock(hold, self.now)
        for hold in in_force:
            end = self._end_of(hold)
            if end is not None:
                self._close(hold, end)
        for hold in in_force:
            if hold.line_id in self.live:
                self._follow(hold, held.get(hold.line_id))
        for hold in fallen:
            self._assess_fallen(hold)

    def _end_of(self, hold: Hold) -> End | None:
        """Why this hold ends now; ``None`` where it goes on."""
        if hold.ends <= self.now:
            return End.EXPIRED
        line = self.lines.get(hold.line_id)
        if line is None or self.cart is None:
            return End.REMOVED
        if self.settings is None:
            return End.CANCELLED
        if self._ends(hold, self.settings) <= self.now:
            # A payment has failed, and its grace was all that was left.
            return End.EXPIRED
        if hold.channel != self.cart.channel or hold.currency != self.cart.currency:
            return End.CHANGED
        return End.UNAVAILABLE if line.price is None else None

    def _follow(self, hold: Hold, held: Held | None) -> None:
        """Bring a hold that goes on in line with the cart, and what is held for it with the hold.

        A shop's own reservation may have taken the place of ours.
        """
        line, settings = self.lines[hold.line_id], self.settings
        if settings is None or self.cart is None:
            return
        more = line.quantity - hold.quantity
        if more > 0:
            left = self._units_left()
            if left is not None and more > left:
                self._close(hold, End.CHANGED)
                return
        ends = self._ends(hold, settings)
        is_other = bool(more) or hold.place != self.cart.place
        is_short = line.is_counted and (held is None or held.units != hold.quantity)
        is_early = ends > hold.ends if held is None else ends > held.until
        if is_other or is_short or is_early:
            # What is prolonged must still be there: it may have been anybody's at this moment.
            otherwise = End.CHANGED if is_other else End.STOCK_FELL if is_short else None
            self._hold_anew(hold, otherwise, settings.share_percent if more > 0 else 100)
            return
        if self._restate(hold, ends):
            self._restated.append(hold)
        if held is not None and ends < held.until:
            self._shortened.append(hold)

    def _assess_fallen(self, hold: Hold) -> None:
        """Try once to hold again what a stock has lost: there may be some of it elsewhere."""
        line, settings = self.lines.get(hold.line_id), self.settings
        if line is not None and settings is not None and self.cart is not None:
            is_same = (hold.channel, hold.quantity) == (self.cart.channel, line.quantity)
            is_free = hold.line_id not in self.live and line.price is not None
            if is_same and is_free and self._ends(hold, settings) > self.now:
                self.live[hold.line_id] = hold
                self._hold_anew(hold, End.STOCK_FELL)
                return
        self._close(hold, End(hold.end))

    def _obstacles(self, line_ids: Collection[str]) -> Iterator[tuple[Code, list[str]]]:
        """Why these lines can't be held, as far as that does not depend on stock."""
        found = defaultdict[Code, list[str]](list)
        new = 0
        for line_id in line_ids:
            line = self.lines.get(line_id)
            code = Code.NOT_FOUND if line is None else self._obstacle(line)
            if line_id in self.live:
                continue
            if code is not None:
                found[code].append(line_id)
            elif line is not None:
                new += line.quantity
        yield from found.items()
        left = self._units_left() if new else None
        if left is not None and new > left:
            yield Code.BUYER_LIMIT, [line_id for line_id in line_ids if line_id not in self.live]

    def _obstacle(self, line: CartLine) -> Code | None:
        return policy.obstacle(self.settings, self.cart, line) if self.cart else Code.NOT_FOUND

    def _ends(self, hold: Hold, settings: ReservationSettings) -> datetime:
        is_being_paid = self.cart is not None and self.cart.is_being_paid
        return policy.ends(hold, settings, is_being_paid=is_being_paid)

    def _units_left(self) -> int | None:
        """How many units more this buyer may hold, all that is decided here counted."""
        if self.settings is None or self.cart is None or not self.settings.units_per_buyer:
            return None
        if self._others is None:
            self._others = self._held_elsewhere(policy.buyer_of(self.cart))
        here = sum(
            max(hold.quantity, self.lines[line_id].quantity if line_id in self._wanted else 0)
            for line_id, hold in self.live.items()
        )
        return policy.units_left(self.settings, self._others + here)

    def _held_elsewhere(self, buyer: str) -> int:
        """Units that the buyer holds in other carts of the channel; nobody adds any meanwhile."""
        if self.cart is None or not self.cart.buyer_id:
            # A guest has this cart, which is locked.
            return 0
        lock_buyer(buyer)
        holds = Hold.objects.live().filter(buyer=buyer, channel=self.cart.channel)
        found = holds.exclude(cart_id=self._id).aggregate(units=Sum("quantity"))
        return int(found["units"] or 0)

    # Deciding.

    def _begin(self, line: CartLine, otherwise: Code | None) -> None:
        """A new hold."""
        if self.settings is None or self.cart is None:
            return
        term, latest = policy.terms(self.settings, self.cart, self.now)
        hold = Hold(
            id=uuid4(),
            cart_id=self._id,
            line_id=line.id,
            variant_id=line.variant_id,
            channel=self.cart.channel,
            quantity=line.quantity,
            price=None if line.has_own_price else line.price,
            currency=self.cart.currency,
            began=self.now,
            term=term,
            latest=latest,
        )
        self.live[line.id] = hold
        self._born.append(hold)
        self._hold_anew(hold, otherwise, self.settings.share_percent)

    def _hold_anew(self, hold: Hold, otherwise: End | Code | None, share: int = 100) -> None:
        if self.settings is not None:
            before = self._wanted.get(hold.line_id)
            share = min(share, before.share if before else 100)
            ends = self._ends(hold, self.settings)
            self._wanted[hold.line_id] = Wanted(hold.line_id, ends, share)
            self._otherwise[hold.line_id] = otherwise

    def _restate(self, hold: Hold, ends: datetime) -> bool:
        """Let the row say what is so; whether it said anything else."""
        if self.cart is None:
            return False
        now: dict[str, object] = {
            "kind": self.cart.kind.value,
            "buyer": policy.buyer_of(self.cart),
            "buyer_id": self.cart.buyer_id,
            "place": self.cart.place,
            "ends": ends,
        }
        if self.lines[hold.line_id].has_own_price:
            # Somebody else sets it now.
            now["price"] = None
        changed = {name: value for name, value in now.items() if getattr(hold, name) != value}
        for name, value in changed.items():
            setattr(hold, name, value)
        return bool(changed)

    def _close(self, hold: Hold, end: End) -> None:
        hold.end, hold.ended, hold.is_settled = end, hold.ended or self.now, True
        if self.live.get(hold.line_id) is hold:
            del self.live[hold.line_id]
        self._closed.append(hold)

    # Writing: what is held first, for stocks are locked before what is held of them, and that
    # before holds.

    def write(self) -> None:
        """Do all that was decided.

        Raises
        ------
        ReservationError
            What the buyer asked for can't be held: nothing is to be kept of this transaction.
        """
        anew = self._hold()
        gone = [hold.line_id for hold in self._closed if hold.line_id not in self.live]
        if gone:
            self._carts.release(gone)
        self._shorten()
        # What somebody has settled meanwhile (the cart has become an order) is left alone.
        rows = Hold.objects.unsettled()
        rows.bulk_update(self._closed, _CLOSED)
        # What was held anew is in force, even if its stock has fallen since this began.
        rows.bulk_update([hold for hold in anew if hold not in self._born], _HELD_ANEW)
        rows.bulk_update(self._restated, _RESTATED)
        Hold.objects.bulk_create(self._born)
        self._charge()
        if self._closed or anew or self._restated:
            self._tell([*self._closed, *anew, *self._restated])
        for hold in self._closed:
            events.announce(Event.ENDED, hold, self.settings)
        for hold in self._born:
            events.announce(Event.CREATED, hold, self.settings)
        if self._closed or anew or self._restated:
            to_onec = self.settings is not None and self.settings.to_onec
            onec.changed([self._id], wanted=to_onec and bool(self.live))

    def _hold(self) -> list[Hold]:
        """Hold what is wanted; the holds that it was done for."""
        wanted = list(self._wanted.values())
        lacks = self._carts.hold(self.cart, wanted) if self.cart and wanted else {}
        refused = defaultdict[Code, list[str]](list)
        for line_id, lack in lacks.items():
            match self._otherwise[line_id]:
                case Code():
                    refused[_CODES[lack]].append(line_id)
                case End() as end:
                    self._close(self.live[line_id], end)
                case None if self.live[line_id] in self._born:
                    self._born.remove(self.live.pop(line_id))
                case None:
                    pass  # It stays as it was.
        for code, line_ids in refused.items():
            raise refusal(code, line_ids)
        anew = [self.live[line_id] for line_id in self._wanted if line_id not in lacks]
        for hold in anew:
            self._restate(hold, self._wanted[hold.line_id].until)
            hold.quantity = self.lines[hold.line_id].quantity
            hold.end, hold.ended = "", None
        return anew

    def _shorten(self) -> None:
        if self._shortened:
            self._carts.set_until({hold.line_id: hold.ends for hold in self._shortened})

    def _charge(self) -> None:
        """Freeze and thaw prices."""
        charged = {
            line_id: policy.charged(hold, self.lines[line_id], self.settings)
            for line_id, hold in self.live.items()
            if self.settings is not None
        }
        frozen = {line_id: line.frozen for line_id, line in self.lines.items()}
        freeze = {
            line_id: price
            for line_id, price in charged.items()
            if price is not None and price != frozen[line_id]
        }
        thaw = [
            line_id
            for line_id, price in frozen.items()
            if price is not None and charged.get(line_id) is None
        ]
        if thaw:
            self._carts.thaw(self._id, thaw)
        if freeze:
            self._carts.freeze(self._id, freeze)

    def _tell(self, changed: Collection[Hold]) -> None:
        if self.cart is None:
            return
        live = list(self.live.values())
        ended = sorted((*self._ended, *self._closed), key=lambda hold: hold.ended or hold.ends)
        touched = {hold.line_id for hold in changed} & self.lines.keys()
        self._carts.tell(
            self._id,
            notices.of_cart(live, ended, self.lines),
            {line_id: notices.of_line(self.live.get(line_id)) for line_id in touched},
        )


def _holds(cart_id: str) -> list[Hold]:
    """All that the cart has ever had, longest held first; none where the id can't be a cart's."""
    rows = [] if "\0" in cart_id else _hold_rows(cart_id)
    return [Hold.from_db(connection.alias, list(row), list(row.values())) for row in rows]


def _rows_of(cart_id: str) -> Any:
    names = [field.attname for field in Hold._meta.concrete_fields]
    return Hold.objects.filter(cart_id=cart_id).order_by("began", "pk").values(*names)


_hold_rows = prepared(_rows_of, "a cart")
