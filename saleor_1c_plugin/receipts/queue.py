"""The queue: what is due is taken by a worker, and sent to the register whose turn it is.

That a register is asked is committed with the claim, so that no crash can make anybody forget
it: what was sent once is asked for until that register has said how it is. Only one that says
that it never got the receipt, or that nothing was done, lets it go on to another one.
"""

import logging
import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from uuid import uuid4

from django.db import IntegrityError, connections, transaction

from ..outbox import messages
from ..outbox.backoff import delay
from ..outbox.waking import wake
from . import claims, listeners, registers, shifts, stored, told
from .claims import Claim, Work
from .compose.document import Receipt as Document
from .driver import (
    Answer,
    Chooses,
    FiscalData,
    Missing,
    OutcomeUnknown,
    Progress,
    Refused,
    Register,
    Unavailable,
)
from .models import Receipt
from .registers import Park, Till
from .settings import ReceiptsSettings

logger = logging.getLogger(__name__)

State = Receipt.State

#: After so long the worker is given to others in the queue.
BUDGET_SECONDS = 25
#: So long is then waited for calls that hang; their leases end by themselves.
_GRACE_SECONDS = 60
#: Of a register that may be asked for many receipts at a time.
_THREADS = 16
#: Of another: while it is asked for one receipt, the one before is written down.
_THREADS_IN_TURN = 2
#: After so long it is looked again which registers are away, and whose turn it is.
_TURN_SECONDS = 2.0
_LOOK_SECONDS = 0.25
#: So long the news of a queue that has no end wait for each other.
_NEWS_SECONDS = 2.0
_RENEW_SECONDS = registers.LEASE_SECONDS / 3
#: Seconds until a receipt that a register works at is asked for, doubled each time.
_FIRST_POLL, _LONGEST_POLL = 3.0, 600.0
#: A register may be busy, or its line bad, now and then: so many lost answers mean that it is away.
_PATIENCE = 3


def call() -> None:
    """Have a worker look once the present transaction is committed."""
    if all(hook[1] is not _wake for hook in transaction.get_connection().run_on_commit):
        transaction.on_commit(_wake)


def _wake() -> None:
    # The task module imports this one: at import time it would be a circle.
    from .tasks import register_receipts

    wake(register_receipts, "receipts")


def work() -> bool:
    """Register what is due until nothing is or the time is over; whether to go on.

    Several workers share the registers; one too many returns at once.
    """
    park = registers.park()
    run = _Run(park)
    try:
        return run.work()
    finally:
        run.close()


@dataclass(slots=True)
class _Lane:
    """A register that this worker has."""

    till: Till
    token: str
    #: Monotonic seconds: nothing is begun after it.
    leased_until: float
    threads: list[threading.Thread] = field(default_factory=list)
    #: Of the receipts that its threads have.
    tokens: set[str] = field(default_factory=set)
    #: It has answered to this worker, and not failed since.
    is_well: bool = False
    #: Monotonic seconds: until then its shift is believed to be open.
    ready_until: float = 0.0
    #: Monotonic seconds: when it was last found to be away.
    away_since: float = 0.0
    #: Held by whoever asks a register that is to be asked for one thing at a time.
    asking: AbstractContextManager[object] = field(init=False)

    def __post_init__(self) -> None:
        is_parallel = self.till.driver.is_parallel
        self.asking = nullcontext() if is_parallel else threading.Lock()

    @property
    def busy(self) -> int:
        """How many of its threads are at work."""
        return len(self.threads)

    def failed(self, problem: str, patience: int = 1) -> None:
        """See :func:`~.registers.failed`."""
        self.is_well, self.ready_until = False, 0.0
        if patience == 1:
            self.away_since = time.monotonic()
        registers.failed(self.till.name, problem, patience)

    def may_send(self, claimed: float) -> bool:
        """Whether a receipt that was taken then, in monotonic seconds, may be sent now."""
        return self.away_since < claimed and time.monotonic() <= self.leased_until

    def succeeded(self) -> None:
        """It answers."""
        if not self.is_well:
            registers.succeeded(self.till.name)
            self.is_well = True

    def make_ready(self, settings: ReceiptsSettings) -> None:
        """See :func:`~.shifts.make_ready`; nobody else opens or closes its shift meanwhile."""
        with self.asking:
            now = time.monotonic()
            if now > self.ready_until:
                shifts.make_ready(self.till, settings)
                self.ready_until = now + _TURN_SECONDS


class _Run:
    """What one worker has in hand."""

    def __init__(self, park: Park) -> None:
        self._park = park
        self._lanes: dict[str, _Lane] = {}
        #: Registers that other workers have.
        self._others: set[str] = set()
        self._ends = time.monotonic() + BUDGET_SECONDS
        self._renewed = time.monotonic()
        #: A thread has come to an end.
        self._ended = threading.Event()
        #: There is something in the outbox.
        self._news = threading.Event()
        self._sent = time.monotonic()

    def work(self) -> bool:
        while True:
            now = time.monotonic()
            begun = now < self._ends and self._begin()
            if not begun and not self._is_busy:
                break
            if now > self._ends + _GRACE_SECONDS:
                logger.warning("Registers hang: they are asked again when their leases are over")
                return False
            self._ended.wait(_LOOK_SECONDS)
            self._ended.clear()
            # Many receipts are told of together: whoever delivers that has more to do at a time.
            if time.monotonic() > self._sent + _NEWS_SECONDS:
                self._send_news()
            self._renew()
        self.close()
        # What came after the last look, while these registers were still ours.
        return bool(self._due())

    def close(self) -> None:
        self._send_news()
        for lane in self._lanes.values():
            if not lane.busy:
                registers.leave(lane.till.name, lane.token)
        self._lanes = {name: lane for name, lane in self._lanes.items() if lane.busy}

    def _send_news(self) -> None:
        self._sent = time.monotonic()
        if self._news.is_set():
            self._news.clear()
            messages.kick()

    @property
    def _is_busy(self) -> bool:
        return any(lane.busy for lane in self._lanes.values())

    def _due(self) -> Mapping[str, tuple[Work, int]]:
        """Registers with something to do, and how much of it can be done at a time.

        Those that other workers have, or that are away, are left out.
        """
        away = registers.away()
        served = self._park.served_by(away)
        found = {}
        for name, till in self._park.tills.items():
            if name in self._others or name in away:
                continue
            work = Work(name, served.get(name, ()))
            most = _THREADS if till.driver.is_parallel else _THREADS_IN_TURN
            count, are_new = claims.due(work, most)
            if count:
                # For what was sent before no shift is opened.
                found[name] = work if are_new else Work(name), count
        return found

    def _begin(self) -> bool:
        """Give threads to registers that have something to do; whether any has."""
        begun = False
        for name, (work, count) in self._due().items():
            lane = self._lanes.get(name) or self._take(name)
            if lane is None or time.monotonic() > lane.leased_until:
                # Another worker has it, or has taken it over.
                self._others.add(name)
                continue
            begun = True
            ends = min(time.monotonic() + _TURN_SECONDS, self._ends)
            for _ in range(count - lane.busy):
                # One that hangs must not keep the process from ending.
                thread = threading.Thread(target=self._turn, args=[lane, work, ends], daemon=True)
                lane.threads.append(thread)
                thread.start()
        return begun

    def _take(self, name: str) -> _Lane | None:
        begun = time.monotonic()
        token = registers.take(name)
        if token is None:
            return None
        leased_until = begun + registers.LEASE_SECONDS
        lane = self._lanes[name] = _Lane(self._park.tills[name], token, leased_until)
        return lane

    def _renew(self) -> None:
        now = time.monotonic()
        if now < self._renewed + _RENEW_SECONDS:
            return
        self._renewed = now
        for name, lane in self._lanes.items():
            claims.keep(lane.tokens.copy())
            if registers.keep(name, lane.token):
                lane.leased_until = now + registers.LEASE_SECONDS
            else:
                lane.leased_until = 0.0

    def _turn(self, lane: _Lane, work: Work, ends: float) -> None:
        """Register one receipt after another, as long as the register goes along."""
        try:
            while time.monotonic() < min(ends, lane.leased_until):
                if work.turns and not self._is_ready(lane):
                    return
                token = uuid4().hex
                lane.tokens.add(token)
                try:
                    claim = claims.claim(work, token)
                    if claim is None:
                        return
                    with messages.gathered(self._news):
                        if not self._register(lane, claim):
                            return
                finally:
                    lane.tokens.discard(token)
        except Exception:
            logger.exception("Register %s can't be served", lane.till.name)
        finally:
            connections.close_all()
            lane.threads.remove(threading.current_thread())
            self._ended.set()

    def _is_ready(self, lane: _Lane) -> bool:
        """Whether new receipts may be sent."""
        try:
            lane.make_ready(self._park.settings_of(lane.till.name))
        except (Unavailable, OutcomeUnknown) as error:
            lane.failed(str(error))
            return False
        except Exception as error:
            logger.exception("Register %s can't be made ready", lane.till.name)
            lane.failed(type(error).__name__)
            return False
        # That may have taken its time.
        return time.monotonic() < lane.leased_until

    def _register(self, lane: _Lane, claim: Claim) -> bool:
        """Bring a receipt further; whether the register may be asked for the next one."""
        register, row = lane.till.register, claim.row
        is_asked, claimed = False, time.monotonic()
        try:
            if not claim.is_new:
                with lane.asking:
                    answer = register.find(row.external_id, row.reference)
            else:
                receipt = _document(row)
                if receipt is None or not self._is_fit(register, receipt, row):
                    return True
                with lane.asking:
                    # It may have gone away meanwhile, or have been given to somebody else.
                    if not lane.may_send(claimed):
                        claims.release(row)
                        return False
                    is_asked = True
                    answer = register.send(receipt, row.external_id)
        except Missing:
            # It has never had it: whoever is first now may have it.
            claims.release(row)
        except Refused as error:
            claims.fail(row, str(error))
        except Unavailable as error:
            lane.failed(str(error))
            if not claim.is_new:
                claims.postpone(row, delay(row.attempts), str(error))
            else:
                claims.release(row, str(error))
            return False
        except OutcomeUnknown as error:
            lane.failed(str(error), _PATIENCE)
            claims.postpone(row, delay(row.attempts), str(error))
        except Exception as error:
            # Nobody foresaw it: its text may hold a secret, and it may have been sent.
            logger.exception("Register %s, receipt %s", register.name, row.pk)
            lane.failed(type(error).__name__)
            if is_asked or not claim.is_new:
                claims.postpone(row, delay(row.attempts), type(error).__name__)
            else:
                claims.release(row, type(error).__name__)
            return False
        else:
            lane.succeeded()
            self._note(row, answer)
        return True

    def _is_fit(self, register: Register, receipt: Document, row: Receipt) -> bool:
        """Whether the register can do it; another one gets what it can't."""
        why = register.objection(receipt) if isinstance(register, Chooses) else ""
        if not why:
            return True
        row.unfit = [*row.unfit, register.name]
        if self._park.are_all(row.unfit, row.channel):
            claims.fail(row, why)
        else:
            claims.release(row)
        return False

    def _note(self, row: Receipt, answer: Answer) -> None:
        """Write down how a receipt is at its register."""
        data = answer.data
        if answer.progress is Progress.WAITING or data is None:
            seconds = min(_FIRST_POLL * 2.0 ** min(row.attempts - 1, 16), _LONGEST_POLL)
            claims.postpone(row, seconds, "", answer.reference)
            return
        try:
            with transaction.atomic():
                if claims.finish(row, **_outcome(row, answer.reference, data)):
                    told.tell(row)
                    listeners.registered(row, self._park)
        except IntegrityError:
            logger.exception("Receipt %s: %s %s", row.pk, data.drive, data.document)
            claims.fail(row, f"Касса назвала документ {data.document}, а он — другого чека")


def _document(row: Receipt) -> Document | None:
    try:
        return stored.load(row.document)
    except (KeyError, TypeError, ValueError):
        logger.exception("Receipt %s can't be read", row.pk)
        claims.fail(row, "Чек записан так, что его нельзя прочитать")
        return None


def _outcome(row: Receipt, reference: str, data: FiscalData) -> dict[str, object]:
    """Fields of a receipt that is done."""
    is_other = data.total != row.total
    return {
        "reference": reference,
        "reason": f"Касса напечатала {data.total:f}, а не {row.total:f}" if is_other else "",
        "drive": data.drive,
        "fiscal_document": data.document,
        "sign": data.sign,
        "registered": data.at,
        "register_number": data.register_number,
        "shift_number": data.shift,
        "number": data.number,
        "url": data.url,
        "is_test": data.is_test,
    }
