"""Who may exchange: HTTP Basic at the log-in, a cookie after it."""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from .errors import Refused
from .limits import limits
from .models import Exchange, LoginThrottle
from .settings import ExchangeSettings

COOKIE = "onec_exchange"
#: Failures that a mistyped password may cause before waiting begins.
_FREE_FAILURES = 5
_LONGEST_BLOCK = 900


def log_in(request: HttpRequest, settings: ExchangeSettings) -> tuple[Exchange, str]:
    """Open an exchange; returns it with its cookie's value.

    Raises
    ------
    Refused
        Wrong or missing credentials, too many failures, or no password is set.
    """
    if not settings.login or not settings.password:
        raise Refused("Логин и пароль обмена не заданы в настройках магазина.")
    address = request.META.get("REMOTE_ADDR", "")[:64]
    now = timezone.now()
    throttle = LoginThrottle.objects.filter(address=address).first()
    if throttle and throttle.blocked_until and throttle.blocked_until > now:
        wait = int((throttle.blocked_until - now).total_seconds()) + 1
        raise Refused(f"Слишком много неудачных входов. Повторите через {wait} с.")
    if not _credentials_fit(request.META.get("HTTP_AUTHORIZATION", ""), settings):
        _note_failure(address, now)
        raise Refused("Неверное имя пользователя или пароль.")
    if throttle:
        throttle.delete()
    cookie = secrets.token_urlsafe(32)
    exchange = Exchange.objects.create(
        cookie_hash=_hash(cookie),
        address=address,
        client=request.META.get("HTTP_USER_AGENT", "")[:200],
        started=now,
        last_seen=now,
    )
    return exchange, cookie


def session_key(cookie: str) -> str:
    """The ``sessid`` of a cookie: newer 1C modules send it back in the query."""
    return hmac.new(cookie.encode(), b"sessid", hashlib.sha256).hexdigest()[:32]


def exchange_of(request: HttpRequest) -> Exchange:
    """The open exchange whose cookie the request bears.

    Raises
    ------
    Refused
        No, a foreign or a worn-out cookie, or a ``sessid`` that isn't its own.
    """
    again = "Выполните вход заново (mode=checkauth)."
    cookie = request.COOKIES.get(COOKIE, "")
    if not cookie:
        raise Refused(f"Нет сессии обмена: запрос пришёл без cookie {COOKIE}. {again}")
    exchange = Exchange.objects.filter(cookie_hash=_hash(cookie)).first()
    if exchange is None or exchange.status == Exchange.Status.ABANDONED:
        raise Refused(f"Сессия обмена не найдена или закрыта. {again}")
    sessid = request.GET.get("sessid", "")
    if sessid and not hmac.compare_digest(sessid.encode(), session_key(cookie).encode()):
        raise Refused(f"sessid не от этой сессии обмена. {again}")
    now = timezone.now()
    if (now - exchange.last_seen).total_seconds() > limits().session_seconds:
        raise Refused(f"Сессия обмена устарела. {again}")
    exchange.last_seen = now
    exchange.save(update_fields=["last_seen"])
    return exchange


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()


def _credentials_fit(header: str, settings: ExchangeSettings) -> bool:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    # 1C sends Cyrillic credentials in its own code page, newer platforms in UTF-8. All
    # comparisons are made, whatever the first ones say: the time tells nothing.
    wanted = f"{settings.login}:{settings.password}"
    fits = [
        hmac.compare_digest(given, wanted.encode(encoding, "replace"))
        for encoding in ("utf-8", "windows-1251")
    ]
    return any(fits)


def _note_failure(address: str, now: datetime) -> None:
    with transaction.atomic():
        row, _ = LoginThrottle.objects.select_for_update().get_or_create(address=address)
        row.failures += 1
        if row.failures >= _FREE_FAILURES:
            seconds = min(2 ** (row.failures - _FREE_FAILURES + 1), _LONGEST_BLOCK)
            row.blocked_until = now + timedelta(seconds=seconds)
        row.save()
