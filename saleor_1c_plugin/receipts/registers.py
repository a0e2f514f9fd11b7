"""The cash registers that the merchant has set up: which serve a channel, and which are away.

How a register is, is common to all workers: one that was away is left alone by all of them for a
while, and of a register that may be asked by one worker only, that one has a lease.
"""

import logging
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from ..clock import from_now
from ..configuration import SettingsError
from ..outbox.backoff import delay
from ..store import current_store
from .claims import Turn
from .driver import Driver, Health, Register, drivers
from .models import RegisterHealth
from .settings import PLUGIN, ReceiptsSettings

#: Renewed by the worker that has it.
LEASE_SECONDS = 30
#: For which one that was away is left alone at most: it may be back any moment.
_LONGEST_AWAY = 300.0

_FAILED = """
INSERT INTO onec_receipts_registerhealth AS known (register, problem, failures, token)
VALUES (%s, %s, 1, '')
ON CONFLICT (register) DO UPDATE
SET problem = EXCLUDED.problem, failures = known.failures + 1
RETURNING failures
"""
_TAKE = """
INSERT INTO onec_receipts_registerhealth AS known (register, problem, failures, token, lease_until)
VALUES (
    %(register)s, '', 0, %(token)s, statement_timestamp() + make_interval(secs => %(lease)s)
)
ON CONFLICT (register) DO UPDATE SET token = EXCLUDED.token, lease_until = EXCLUDED.lease_until
WHERE known.token IN ('', EXCLUDED.token) OR known.lease_until < statement_timestamp()
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Till:
    """A register, and whose it is."""

    register: Register
    driver: Driver

    @property
    def name(self) -> str:
        return self.register.name


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel in which receipts are made."""

    slug: str
    settings: ReceiptsSettings
    #: In the order in which they are asked.
    tills: tuple[Till, ...]


@dataclass(frozen=True, slots=True)
class Park:
    """All that is set up, as it was when it was read."""

    channels: Mapping[str, Channel]
    #: By name: also those that a channel does not use (any more).
    tills: Mapping[str, Till] = field(default_factory=dict)

    def settings_of(self, register: str) -> ReceiptsSettings:
        """Those of the first channel that uses the register."""
        for channel in self.channels.values():
            if any(till.name == register for till in channel.tills):
                return channel.settings
        return ReceiptsSettings()

    def served_by(self, away: Mapping[str, datetime]) -> Mapping[str, Sequence[Turn]]:
        """Register → channels whose new receipts it gets now.

        The first that is not away gets them; those that are unfit for it the next.
        """
        served: dict[str, list[Turn]] = {}
        for channel in self.channels.values():
            before: list[str] = []
            for till in channel.tills:
                if till.name not in away:
                    served.setdefault(till.name, []).append(Turn(channel.slug, tuple(before)))
                    before.append(till.name)
        return served

    def are_all(self, names: Collection[str], channel: str) -> bool:
        """Whether a channel has no register but these."""
        found = self.channels.get(channel)
        return found is not None and {till.name for till in found.tills} <= set(names)


def park() -> Park:
    """What the merchant has set up by now."""
    store = current_store()
    kinds = {driver: store.configurations(driver.name) for driver in drivers()}
    tills: dict[str, Till] = {}
    of_channels: dict[str, list[Till]] = {}
    for driver, saved in kinds.items():
        for slug, values in saved.items():
            for till in _made(driver, slug, values):
                # Of the same name in two channels: one register.
                of_channels.setdefault(slug, []).append(tills.setdefault(till.name, till))
    channels = {}
    for slug, values in store.configurations(PLUGIN).items():
        try:
            settings = ReceiptsSettings.from_configuration(values)
        except SettingsError as error:
            logger.error("Receipts can't be made in %s: %s", slug, error)
            continue
        chosen = _chosen(settings, of_channels.get(slug, []))
        channels[slug] = Channel(slug, settings, tuple(chosen))
    return Park(channels, tills)


def _made(driver: Driver, channel: str, saved: Mapping[str, object]) -> list[Till]:
    try:
        return [Till(register, driver) for register in driver.registers(saved)]
    except SettingsError as error:
        # They were checked when they were saved: another version of the plugin did that.
        logger.error("%s can't be used in %s: %s", driver.title, channel, error)
        return []


def _chosen(settings: ReceiptsSettings, tills: Sequence[Till]) -> list[Till]:
    """Those that the merchant has named, in that order; all where none is named."""
    if not settings.registers:
        return list(tills)
    named = [
        till
        for word in settings.registers
        for till in tills
        if word in (till.name, till.driver.name)
    ]
    return list({till.name: till for till in named}.values())


def away() -> Mapping[str, datetime]:
    """Registers that are left alone, and until when."""
    rows = RegisterHealth.objects.filter(away_until__gt=Now())
    found = rows.values_list("register", "away_until")
    return {register: until for register, until in found if until is not None}


def failed(register: str, problem: str, patience: int = 1) -> None:
    """Leave it alone: longer, the more often it fails in a row.

    Parameters
    ----------
    patience
        So many failures mean that it is away.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FAILED, [register, problem])
        (failures,) = cursor.fetchone()
    if failures >= patience:
        pause = delay(failures - patience + 1, _LONGEST_AWAY)
        RegisterHealth.objects.filter(register=register).update(away_until=from_now(pause))


def succeeded(register: str) -> None:
    """It answers again."""
    ailing = RegisterHealth.objects.filter(register=register).exclude(failures=0)
    ailing.update(failures=0, away_until=None, problem="")


def note(register: str, health: Health) -> None:
    """Write down how it is."""
    RegisterHealth.objects.update_or_create(
        register=register,
        defaults={
            "checked": timezone.now(),
            "problem": health.problem,
            "has_paper": health.has_paper,
            "unsent": health.unsent,
            "drive_ends": health.drive_ends,
        },
    )


def was_checked(register: str, within: timedelta) -> bool:
    """Whether it was asked how it is that recently, and has not failed since."""
    rows = RegisterHealth.objects.filter(register=register, failures=0)
    return rows.filter(checked__gte=timezone.now() - within).exists()


def take(register: str) -> str | None:
    """Become the one worker of a register: a token for it; ``None``: it is another one's."""
    token = uuid.uuid4().hex
    return token if _take(register, token) else None


def keep(register: str, token: str) -> bool:
    """Renew; false when another worker has taken it."""
    mine = RegisterHealth.objects.filter(register=register, token=token)
    return bool(mine.update(lease_until=from_now(LEASE_SECONDS)))


def leave(register: str, token: str) -> None:
    """Let another worker have it."""
    RegisterHealth.objects.filter(register=register, token=token).update(token="", lease_until=None)


def _take(register: str, token: str) -> bool:
    values: dict[str, str | int] = {
        "register": register,
        "token": token,
        "lease": LEASE_SECONDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        return bool(cursor.rowcount)
