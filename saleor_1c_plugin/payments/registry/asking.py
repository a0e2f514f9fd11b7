"""Which days of which registries are to be loaded: every night, and whenever somebody asks."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from ...days import bounds, days
from ...orders import known
from ...outbox import messages
from ...outbox.models import Message
from .. import accounts
from ..provider import Registers, providers
from ..settings import MOST_DAYS, PaymentsSettings
from .coverage import Coverage
from .models import RegistryRun

State = RegistryRun.State


@dataclass(frozen=True, slots=True)
class Listed:
    """An account with a registry, and a channel (its slug) in which it is set up."""

    provider: str
    number: str
    channel: str
    account: Registers


def topic(provider: str) -> str:
    """Of the outbox: a provider that is down keeps no other one's registry back."""
    return f"payments.registry.{provider}"


def listed(provider: str = "") -> list[Listed]:
    """All accounts with registries, each once in however many channels it is; or a provider's."""
    found: dict[tuple[str, str], Listed] = {}
    for one in providers().values():
        if provider and one.name != provider:
            continue
        for channel, account in sorted(accounts.of_channels(one).items()):
            if isinstance(account, Registers) and account.number:
                item = Listed(one.name, account.number[:128], channel, account)
                found.setdefault((item.provider, item.number), item)
    return list(found.values())


def coverage() -> Coverage:
    """What is loaded of all registries."""
    runs = RegistryRun.objects.exclude(covered=None)
    columns = ("provider", "account", "since", "covered")
    return Coverage(
        ((provider, account), since, covered)
        for provider, account, since, covered in runs.values_list(*columns)
        if covered is not None
    )


def numbers() -> Mapping[tuple[str, str], str]:
    """(provider, slug of a channel) → the account that is set up in it."""
    return {
        (one.name, channel): account.number[:128]
        for one in providers().values()
        for channel, account in accounts.of_channels(one).items()
        if isinstance(account, Registers)
    }


def ask_nightly() -> None:
    """Have registries loaded that are not, once a day from the set hour on.

    The days before each such day are loaded again, since some entries come late.
    """
    settings = PaymentsSettings.load()
    if settings is None:
        return
    zone = known.zone()
    now = timezone.now().astimezone(zone)
    due = now.replace(hour=settings.registry_hour, minute=0, second=0, microsecond=0)
    if now < due:
        return
    yesterday = now.date() - timedelta(days=1)
    begins, _ = bounds(yesterday, zone)
    for item in listed():
        runs = RegistryRun.objects.filter(provider=item.provider, account=item.number)
        if not runs.filter(since=begins, asked_at__gte=due).exists():
            _ask(item, _wanted(item, yesterday, settings.registry_days))


def _wanted(item: Listed, yesterday: date, again: int) -> list[date]:
    """Yesterday and what is missing since the first load, each with the days before it.

    Parameters
    ----------
    again
        How many days a day is, with those before it.
    """
    zone, loaded = known.zone(), coverage()
    account = (item.provider, item.number)
    runs = RegistryRun.objects.filter(provider=item.provider, account=item.number)
    first = runs.exclude(covered=None).order_by("since").values_list("since", flat=True).first()
    missing = {yesterday}
    if first is not None:
        begun = max(first.astimezone(zone).date(), yesterday - timedelta(days=MOST_DAYS))
        missing |= {
            day for day in days(begun, yesterday) if not loaded.has_all(account, *bounds(day, zone))
        }
    return sorted({day - timedelta(days=back) for day in missing for back in range(again)})


def ask(first: date, last: date, provider: str = "") -> int:
    """Have these days loaded now; how many accounts have them.

    Parameters
    ----------
    provider
        Only this one's; empty: all.
    """
    found = listed(provider)
    today = timezone.now().astimezone(known.zone()).date()
    for item in found:
        _ask(item, days(first, min(last, today)))
    return len(found)


def ask_for(
    provider: str,
    account: str,
    channel: str,
    periods: Collection[tuple[datetime, datetime]],
) -> None:
    """Have these periods of an account's registry loaded; in a transaction."""
    for since, until in periods:
        run, _ = RegistryRun.objects.get_or_create(
            provider=provider,
            account=account,
            since=since,
            until=until,
            defaults={"channel": channel},
        )
        RegistryRun.objects.filter(pk=run.pk).update(
            asked=F("asked") + 1, asked_at=timezone.now(), channel=channel, state=State.OPEN
        )
        run.refresh_from_db(fields=["asked"])
        payload = {"run": run.pk, "asked": run.asked}
        messages.append(topic(provider), f"account:{account}", payload, key=f"{run.pk}:{run.asked}")


def _ask(item: Listed, wanted: Iterable[date]) -> None:
    zone = known.zone()
    with transaction.atomic():
        # What was given up long ago shall not keep the new question back.
        dead = Message.objects.filter(
            topic=topic(item.provider),
            object=f"account:{item.number}",
            state=Message.State.DEAD,
        )
        if dead.exists():
            messages.drop(dead)
        periods = [bounds(day, zone) for day in wanted]
        ask_for(item.provider, item.number, item.channel, periods)
