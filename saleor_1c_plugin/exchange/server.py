"""The HTTP protocol of 1C's web exchange: one address, told apart by ``type`` and ``mode``.

Whatever happens, 1C gets a line that it understands and a reason that its operator does: never a
page of HTML, never a bare status.
"""

import logging
import time
from collections.abc import Callable, Mapping

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from ..broker import offer
from . import auth, endings, jobs, journal, sale, spool
from .errors import NotLoggedIn, Refused
from .models import Exchange, ImportJob, SpoolFile
from .names import normalise
from .progress import await_job
from .protocol import Answer, Query, Reply
from .settings import ExchangeSettings, SettingsError

logger = logging.getLogger(__name__)

#: The newest version of the exchange that is spoken here.
VERSION = "3.1"
#: A part may be this much larger than asked for.
_SLACK = 1 << 20
#: Seconds; proxies in front of a shop give up after thirty at the earliest.
_PATIENCE_WITH_DOCUMENTS = 25.0

#: Modes that 1C asks again for as long as it hears ``progress``.
_WAITED_FOR = ("import", "deactivate", "complete")


@csrf_exempt
def serve(request: HttpRequest) -> HttpResponseBase:
    """Answer a request of 1C's; the view of the plugin's address."""
    encoding = "utf-8"
    query: Query | None = None
    try:
        query = Query.of(request)
        settings = ExchangeSettings.load()
        encoding = settings.encoding
        try:
            if query.type in _TYPES and query.mode == "checkauth":
                return _checkauth(request, settings)
            return _dispatch(request, query, settings).response(encoding, request)
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


def _dispatch(request: HttpRequest, query: Query, settings: ExchangeSettings) -> Answer:
    modes = _TYPES.get(query.type)
    if modes is None:
        return Reply.failure(f"Неизвестный вид обмена: type={query.type[:50]}")
    mode = modes.get(query.mode)
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
    _receive(request, query, settings, exchange)
    return Reply.success()


def _documents_file(
    request: HttpRequest, query: Query, settings: ExchangeSettings, exchange: Exchange
) -> Reply:
    """Take documents; 1C that named no version never asks for their import, and gets it here."""
    file = _receive(request, query, settings, exchange)
    if exchange.schema or not endings.is_there(file, settings.file_limit):
        return Reply.success()
    job = jobs.demand_import(
        exchange, file.name, dry_run=settings.dry_run, room=ImportJob.Room.SALE
    )
    # Such a 1C does not know `progress` here, and does not ask again: whatever is not told now,
    # the journal alone will have.
    reply = await_job(job, _PATIENCE_WITH_DOCUMENTS)
    return Reply.success() if reply.is_progress else reply


def _receive(
    request: HttpRequest, query: Query, settings: ExchangeSettings, exchange: Exchange
) -> SpoolFile:
    if request.method != "POST":
        raise Refused("Файл передаётся запросом POST")
    name = normalise(query.filename)
    length = request.META.get("CONTENT_LENGTH") or ""
    declared = int(length) if length.isascii() and length.isdigit() else None
    # Read as a stream: `request.body` would hold it whole, and Django forbids more than a little.
    return spool.receive(exchange, name, request.read, declared, settings.file_limit + _SLACK)


def _import(
    request: HttpRequest, query: Query, settings: ExchangeSettings, exchange: Exchange
) -> Reply:
    name = normalise(query.filename)
    room = ImportJob.Room(query.type)
    return await_job(jobs.demand_import(exchange, name, dry_run=settings.dry_run, room=room))


def _finish(
    request: HttpRequest, query: Query, settings: ExchangeSettings, exchange: Exchange
) -> Reply:
    if not exchange.jobs.exists():
        # Nothing came, so nothing is missing.
        return Reply.success()
    job = jobs.demand_finish(exchange, dry_run=settings.dry_run)
    return await_job(job)


def _nothing_more(
    request: HttpRequest, query: Query, settings: ExchangeSettings, exchange: Exchange
) -> Reply:
    return Reply.success()


_Mode = Callable[[HttpRequest, Query, ExchangeSettings, Exchange], Answer]

_TYPES: Mapping[str, Mapping[str, _Mode]] = {
    "catalog": {
        "init": _init,
        "file": _file,
        "import": _import,
        "deactivate": _finish,
        "complete": _finish,
    },
    "sale": {
        "init": _init,
        "query": sale.query,
        "success": sale.success,
        "info": sale.info,
        "file": _documents_file,
        "import": _import,
        "deactivate": _nothing_more,
        "complete": _nothing_more,
    },
}


def _common_version(asked: str) -> str:
    """The older of 1C's version and ours."""

    def key(version: str) -> tuple[int, ...]:
        return tuple(int(part) for part in version.split(".") if part.isascii() and part.isdigit())

    return min(asked, VERSION, key=key) if key(asked) and len(asked) <= 16 else VERSION


def _sweep() -> None:
    """Begin clearing up; without a broker this waits for the next login."""
    from .tasks import sweep_exchanges

    offer(sweep_exchanges, "the sweep")
