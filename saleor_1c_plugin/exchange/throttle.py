"""Guessing the password is slowed: each failure doubles the wait of its address and login."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from .models import LoginThrottle

#: Failures that cost nothing: somebody is setting 1C up.
FREE = 4
FIRST_BLOCK = 2
LONGEST_BLOCK = 900
FORGOTTEN_AFTER = timedelta(hours=1)
#: Logins of one address that are told apart; all others share one row.
_LOGINS = 20


def blocked_seconds(address: str, login: str) -> int:
    """Seconds until a login may be tried again; 0: now."""
    until = (
        LoginThrottle.objects.filter(address=address, login__in=[login, ""])
        .exclude(blocked_until=None)
        .order_by("-blocked_until")
        .values_list("blocked_until", flat=True)
        .first()
    )
    left = (until - timezone.now()).total_seconds() if until is not None else 0
    return max(0, int(left) + 1) if left > 0 else 0


def failed(address: str, login: str) -> int:
    """Note a failure; seconds that the next try has to wait."""
    now = timezone.now()
    with transaction.atomic():
        known = LoginThrottle.objects.filter(address=address)
        if not known.filter(login=login).exists() and known.count() >= _LOGINS:
            login = ""
        LoginThrottle.objects.get_or_create(
            address=address, login=login, defaults={"last_failure": now}
        )
        row = LoginThrottle.objects.select_for_update().get(address=address, login=login)
        if now - row.last_failure > FORGOTTEN_AFTER:
            row.failures = 0
        row.failures += 1
        row.last_failure = now
        wait = 0
        if row.failures > FREE:
            wait = min(FIRST_BLOCK << min(row.failures - FREE - 1, 20), LONGEST_BLOCK)
            row.blocked_until = now + timedelta(seconds=wait)
        row.save()
        return wait


def succeeded(address: str, login: str) -> None:
    """Forget the failures of this login."""
    LoginThrottle.objects.filter(address=address, login=login).delete()


def forget_old() -> None:
    """Delete rows that no longer matter."""
    LoginThrottle.objects.filter(
        last_failure__lt=timezone.now() - FORGOTTEN_AFTER - timedelta(seconds=LONGEST_BLOCK)
    ).delete()
