"""The HTTP protocol of 1C's web exchange: one address, told apart by ``type`` and ``mode``.

Whatever happens, 1C gets a line that it understands and a reason that its operator does: never a
page of HTML, never a bare status.
"""

import logging
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from . import auth, jobs, journal, spool
from .errors import NotLoggedIn, Refused
from .models import Exchange
from .names import normalise
from .progress import await_job
from .protocol import Query, Reply
from .settings import ExchangeSettings, SettingsError

logger = logging.getLogger(__name__)

#: The newest version of the exchange that is spoken here.
VERSION = "3.1"
#: A part may be this much larger than asked for.
_SLACK = 1 << 20

_ORDERS = ("sale", "sale_crm", "crm")
#: Modes that 1C asks again for as long as it hears ``progress``.
_WAITED_FOR = ("import", "deactivate", "complete")


@csrf_exempt
def serve(request: HttpRequest) -> HttpResponse:
    """Answer a request of 1C's; the view of the plugin's address."""
    encoding = "utf-8"
    query: Query | None = None
    try:
        query = Query.of(request)
        settings = ExchangeSettings.load()
        encoding = settings.encoding
        try:
            if query.type == "catalog" and query.mode == "checkauth":
                return _checkauth(request, settings)
            return _dispatch(request, query, settings).response(encoding)
        except NotLoggedIn as error:
            journal.refused(f"{error.note} (адрес {auth.client_address(request)})")
            return Reply.failure(error.message).response(encoding)
    except SettingsError as error:
        return Reply.failure(f"Настройки обмена на сайте: {error}").response(encoding)
    except UnreadablePostError:
        return Reply.failure("Соединение оборвалось, данные не приняты. Повторите обмен.").response(
            encoding
        )
    except (OperationalError, InterfaceError) as error:
        logger.warning("The database is not available: %s", type(error).__name__)
        text = "База данных магазина временно недоступна"
        if query is not None and query.mode in _WAITED_FOR:
            # The job goes on by itself when the database is back: let 1C wait.
            return Reply.progress(f"{text}, ожидание").response(encoding)
        return Reply.failure(f"{text}. Повторите обмен позже.").response(encoding)
    except Exception:
        logger.exception(
            "1C's request failed: type=%s mode=%s",
            query.type[:20] if query else "",
            query.mode[:20] if query else "",
        )
        return Reply.failure(
            "Внутренняя ошибка сайта, подробности в журнале сервера. Повторите обмен позже."
        ).response(encoding)


def _checkauth(request: HttpRequest, settings: ExchangeSettings) -> HttpResponse:
    session = auth.login(request, settings)
    _sweep()
    response = Reply.success(
        auth.COOKIE, session.cookie, f"sessid={session.sessid}", f"timestamp={int(time.time())}"
    ).response(settings.encoding)
    response.set_cookie(
        auth.COOKIE,
        session.cookie,
        path=request.path,
        secure=request.is_secure(),
        httponly=True,
        samesite="Strict",
    )
    return response


def _dispatch(request: HttpRequest, query: Query, settings: ExchangeSettings) -> Reply:
    if query.type in _ORDERS:
        return Reply.failure(
            "Обмен заказами пока не поддерживается: в настройках обмена 1С "
            "оставьте включённой только выгрузку товаров."
        )
    if query.type != "catalog":
        return Reply.failure(f"Неизвестный вид обмена: type={query.type[:50]}")
    mode = _MODES.get(query.mode)
    if mode is None:
        return Reply.failure(f"Неизвестная команда: mode={query.mode[:50]}")
    exchange = auth.current(request, query)
    try:
        return mode(request, query, settings, exchange)
    except Refused as error:
        journal.refused(error.message, exchange)
        return Reply.failure(error.message)


def _init(
    request: HttpRequest, query: Query, settings: ExchangeSettings, exchange: Exchange
) -> Reply:
    # 1C begins anew: what it sends now must not be appended to what it sent half before.
    exchange.files.update(sealed=True)
    lines = [f"zip={'yes' if settings.use_zip else 'no'}", f"file_limit={settings.file_limit}"]
    cookie = request.COOKIES[auth.COOKIE]
    lines.append(f"sessid={auth.sessid_of(cookie)}")
    if query.version is not None:
        version = _common_version(query.version)
        Exchange.objects.filter(pk=exchange.pk).update(schema=version)
        lines.append(f"version={version}")
    return Reply(tuple(lines))


def _file(
    request: HttpRequest, query: Query, settings: ExchangeSettings, exchange: Exchange
) -> Reply:
    if request.method != "POST":
        raise Refused("Файл передаётся запросом POST")
    name = normalise(query.filename)
    length = request.META.get("CONTENT_LENGTH") or ""
    declared = int(length) if length.isascii() and length.isdigit() else None
    # Read as a stream: `request.body` would hold it whole, and Django forbids more than a little.
    spool.receive(exchange, name, request.read, declared, settings.file_limit + _SLACK)
    return Reply.success()


def _import(
    request: HttpRequest, query: Query, settings: ExchangeSettings, exchange: Exchange
) -> Reply:
    name = normalise(query.filename)
    return await_job(jobs.demand_import(exchange, name, dry_run=settings.dry_run))


def _finish(
    request: HttpRequest, query: Query, settings: ExchangeSettings, exchange: Exchange
) -> Reply:
    if not exchange.jobs.exists():
        # Nothing came, so nothing is missing.
        return Reply.success()
    job = jobs.demand_finish(exchange, dry_run=settings.dry_run)
    return await_job(job)


_MODES: dict[str, Callable[[HttpRequest, Query, ExchangeSettings, Exchange], Reply]] = {
    "init": _init,
    "file": _file,
    "import": _import,
    "deactivate": _finish,
    "complete": _finish,
}


def _common_version(asked: str) -> str:
    """The older of 1C's version and ours."""

    def key(version: str) -> tuple[int, ...]:
        return tuple(int(part) for part in version.split(".") if part.isascii() and part.isdigit())

    return min(asked, VERSION, key=key) if key(asked) and len(asked) <= 16 else VERSION


def _sweep() -> None:
    """Begin clearing up; without a broker this waits for the next login."""
    from kombu.exceptions import OperationalError as BrokerError

    from .tasks import sweep_exchanges

    try:
        sweep_exchanges.apply_async(retry=False)
    except (BrokerError, OSError) as error:
        logger.warning("The broker refused the sweep: %s", type(error).__name__)
