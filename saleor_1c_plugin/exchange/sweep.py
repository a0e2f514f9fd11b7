"""Tidying up: abandoned exchanges, files that have served, an old journal."""

from datetime import timedelta

from django.utils import timezone

from . import jobs, spool
from .limits import limits
from .models import Exchange, ImportJob, LoginThrottle


def sweep_now() -> None:
    """Run at every log-in; cheap where there is nothing to do."""
    bounds, now = limits(), timezone.now()
    for job in ImportJob.objects.filter(
        status__in=(ImportJob.Status.QUEUED, ImportJob.Status.RUNNING),
        attempts__lt=bounds.attempts,
    ):
        jobs.revive(job)
    idle = now - timedelta(seconds=bounds.keep_files_seconds)
    busy = ImportJob.objects.filter(
        status__in=(ImportJob.Status.QUEUED, ImportJob.Status.RUNNING)
    ).values("exchange")
    for exchange in (
        Exchange.objects.filter(last_seen__lt=idle, files__isnull=False)
        .exclude(pk__in=busy)
        .distinct()
    ):
        spool.clear(exchange)
    Exchange.objects.filter(
        status=Exchange.Status.OPEN,
        last_seen__lt=now - timedelta(seconds=bounds.session_seconds),
    ).update(status=Exchange.Status.ABANDONED)
    old = now - timedelta(days=bounds.keep_journal_days)
    Exchange.objects.filter(last_seen__lt=old, files__isnull=True).delete()
    LoginThrottle.objects.filter(blocked_until__lt=now - timedelta(days=1)).delete()
