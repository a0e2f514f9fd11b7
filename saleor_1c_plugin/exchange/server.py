"""The one view that 1C talks to: a request in, a few lines of plain text out.

The protocol is the one that every configuration of 1C ships a client for (type=catalog with the
modes checkauth, init, file, import, deactivate, complete). Refusals are answered with status 200
and the word ``failure``: of another status 1C shows its operator nothing but the number.
"""

import logging
from collections.abc import Callable

from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from . import auth, jobs, spool
from .errors import Refused
from .models import Exchange
from .settings import ExchangeSettings

logger = logging.getLogger(__name__)
#: The newest schema that the reader knows.
_SCHEMA = (3, 1)


@csrf_exempt
def serve(request: HttpRequest) -> HttpResponse:
    """Answer a request of 1C's; never fails, whatever the request is."""
    settings = ExchangeSettings()
    try:
        settings = ExchangeSettings.load()
        return _dispatch(request, settings)
    except Refused as refusal:
        return _text(f"failure\n{refusal}", settings)
    except DatabaseError:
        logger.exception("The exchange can't reach the database")
        return _text("failure\nБаза данных магазина недоступна. Повторите обмен позже.", settings)
    except Exception:
        logger.exception("Unexpected failure of the exchange")
        return _text("failure\nВнутренняя ошибка магазина, подробности в его логе.", settings)


def _dispatch(request: HttpRequest, settings: ExchangeSettings) -> HttpResponse:
    kind, mode = request.GET.get("type", ""), request.GET.get("mode", "")
    if kind != "catalog":
        raise Refused(
            "Обмен заказами (type=sale) в этой версии ещё не поддерживается."
            if kind == "sale"
            else "Неизвестный вид обмена: ожидается type=catalog."
        )
    if mode == "checkauth":
        return _checkauth(request, settings)
    handler = _MODES.get(mode)
    if handler is None:
        raise Refused("Неизвестная команда: ожидается mode=checkauth, init, file или import.")
    return _text(handler(request, auth.exchange_of(request), settings), settings)


def _checkauth(request: HttpRequest, settings: ExchangeSettings) -> HttpResponse:
    from .tasks import sweep

    exchange, cookie = auth.log_in(request, settings)
    transaction.on_commit(sweep.delay)
    lines = [
        "success",
        auth.COOKIE,
        cookie,
        f"sessid={auth.session_key(cookie)}",
        f"timestamp={int(exchange.started.timestamp())}",
    ]
    response = _text("\n".join(lines), settings)
    response.set_cookie(auth.COOKIE, cookie, httponly=True, samesite="Lax")
    return response


def _init(request: HttpRequest, exchange: Exchange, settings: ExchangeSettings) -> str:
    lines = [
        f"zip={'yes' if settings.use_zip else 'no'}",
        f"file_limit={settings.file_limit}",
        f"sessid={auth.session_key(request.COOKIES[auth.COOKIE])}",
    ]
    if asked := request.GET.get("version", ""):
        lines.append(f"version={_schema(asked)}")
    return "\n".join(lines)


def _schema(asked: str) -> str:
    parts = asked.split(".")
    if len(parts) == 2 and all(part.isdigit() for part in parts):
        major, minor = int(parts[0]), int(parts[1])
        if (major, minor) <= _SCHEMA:
            return asked
    return "3.1"


def _file(request: HttpRequest, exchange: Exchange, settings: ExchangeSettings) -> str:
    if request.method not in ("POST", "PUT"):
        raise Refused("Файл передаётся методом POST.")
    name = spool.clean_name(request.GET.get("filename", ""))
    length = request.META.get("CONTENT_LENGTH") or ""
    spool.add_part(
        exchange,
        name,
        # The request itself is the stream: ``body`` would take the part into memory, and
        # refuses anything beyond Django's own limit.
        request,  # type: ignore[arg-type]
        int(length) if length.isdigit() else None,
        # Some clients round the limit up to whole blocks.
        settings.file_limit + settings.file_limit // 8 + (1 << 16),
    )
    return "success"


def _import(request: HttpRequest, exchange: Exchange, settings: ExchangeSettings) -> str:
    name = spool.clean_name(request.GET.get("filename", ""))
    return jobs.answer(jobs.request_import(exchange, name, dry_run=settings.dry_run))


def _finish(request: HttpRequest, exchange: Exchange, settings: ExchangeSettings) -> str:
    answer = jobs.answer(jobs.request_finish(exchange, dry_run=settings.dry_run))
    if answer.startswith("success"):
        Exchange.objects.filter(pk=exchange.pk).update(finished=timezone.now())
    return answer


_MODES: dict[str, Callable[[HttpRequest, Exchange, ExchangeSettings], str]] = {
    "init": _init,
    "file": _file,
    "import": _import,
    "deactivate": _finish,
    "complete": _finish,
}


def _text(text: str, settings: ExchangeSettings) -> HttpResponse:
    return HttpResponse(
        text.encode(settings.encoding, "replace"),
        content_type=f"text/plain; charset={settings.encoding}",
    )
