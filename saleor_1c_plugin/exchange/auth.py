"""Who calls: HTTP Basic at ``checkauth``, a cookie of ours ever after.

The cookie is known to 1C alone; the database has its hash. Nothing is kept in the process, so
that a session survives a restart and may be served by any of several web processes.
"""

import hashlib
import hmac
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from ..http_basic import credentials
from . import throttle
from .errors import NotLoggedIn
from .limits import Limits
from .models import Exchange
from .protocol import Query, decode
from .settings import ExchangeSettings

COOKIE = "onec_session"
#: How often a session's last sign of life is written down.
_SEEN_EVERY = timedelta(seconds=5)

_AGAIN = "Начните обмен заново: 1С должна войти (checkauth)."


@dataclass(frozen=True, slots=True)
class Session:
    """A session just begun; the only place that ever holds the cookie."""

    exchange: Exchange
    cookie: str

    @property
    def sessid(self) -> str:
        return sessid_of(self.cookie)


def login(request: HttpRequest, settings: ExchangeSettings) -> Session:
    """Begin a session.

    Raises
    ------
    NotLoggedIn
        Wrong login or password, too many failures, or no password is set.
    """
    if not settings.login or not settings.password:
        raise NotLoggedIn(
            "Логин или пароль обмена не задан в настройках плагина «1С: обмен»: вход закрыт"
        )
    address = client_address(request)
    given = credentials(request)
    if given is None:
        raise NotLoggedIn(
            "Имя пользователя и пароль не пришли. Укажите их в настройках обмена 1С; если они "
            "указаны, заголовок Authorization не доходит до сайта: его убирает сервер или прокси."
        )
    name = decode(given[0])[:150].replace("\x00", "")
    wait = throttle.blocked_seconds(address, name)
    if wait:
        raise NotLoggedIn(f"Слишком много неудачных попыток входа. Повторите через {wait} с.")
    # Both are always compared, so that the time does not tell which one is wrong.
    right_login = _same(given[0], settings.login)
    right_password = _same(given[1], settings.password)
    if not (right_login & right_password):
        wait = throttle.failed(address, name)
        again = f" Повторите через {wait} с." if wait else ""
        raise NotLoggedIn(
            f"Неверное имя пользователя или пароль обмена.{again}",
            note=f"Неверный логин или пароль обмена; вход под именем «{name}»",
        )
    throttle.succeeded(address, name)
    cookie = secrets.token_hex(32)
    now = timezone.now()
    exchange = Exchange.objects.create(
        cookie_hash=_hash(cookie),
        login=settings.login[:150],
        address=address,
        user_agent=request.headers.get("User-Agent", "").replace("\x00", "")[:300],
        started=now,
        last_seen=now,
    )
    return Session(exchange, cookie)


def current(request: HttpRequest, query: Query) -> Exchange:
    """The exchange that the request belongs to.

    Raises
    ------
    NotLoggedIn
        No session, an old or foreign one, or ``sessid`` of another one.
    """
    cookie = request.COOKIES.get(COOKIE, "")
    if not cookie:
        raise NotLoggedIn(f"Нет сеанса обмена. {_AGAIN}")
    exchange = Exchange.objects.filter(cookie_hash=_hash(cookie)).first()
    if exchange is None:
        raise NotLoggedIn(f"Сеанс обмена не найден. {_AGAIN}")
    now = timezone.now()
    if exchange.closed or now - exchange.started > timedelta(hours=Limits.load().session_hours):
        raise NotLoggedIn(f"Сеанс обмена истёк. {_AGAIN}")
    if query.sessid and not hmac.compare_digest(query.sessid.encode(), sessid_of(cookie).encode()):
        raise NotLoggedIn(f"Параметр sessid относится к другому сеансу. {_AGAIN}")
    if now - exchange.last_seen > _SEEN_EVERY:
        Exchange.objects.filter(pk=exchange.pk).update(last_seen=now)
        exchange.last_seen = now
    return exchange


def sessid_of(cookie: str) -> str:
    """The second name of a session, that newer modules of 1C put into the query."""
    return hmac.new(cookie.encode(), b"sessid", hashlib.sha256).hexdigest()[:32]


def client_address(request: HttpRequest) -> str:
    """Whose request it is; an IPv6 client owns its /64."""
    address = request.META.get("REMOTE_ADDR", "")
    proxies = Limits.load().proxies
    if proxies:
        chain = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(chain) >= proxies and chain[-proxies]:
            address = chain[-proxies]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        # A Unix socket, or a port behind the address.
        return "".join(sign for sign in address if sign.isprintable())[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _same(given: bytes, expected: str) -> bool:
    """Whether `given` is `expected` in either encoding of 1C's, in constant time."""
    digest = hashlib.sha256(given).digest()
    same = False
    for encoding in ("utf-8", "windows-1251"):
        wanted = hashlib.sha256(expected.encode(encoding, "backslashreplace")).digest()
        same |= hmac.compare_digest(digest, wanted)
    return same


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "surrogateescape")).hexdigest()
