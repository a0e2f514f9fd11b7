"""A CRM calls because something was changed there: that only has it looked at sooner."""

import logging
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from ..configuration import SettingsError
from ..store import current_store
from . import adapter, back
from .returning import Returning

_PATH = "changed"
#: Bytes of a request.
_MOST_BODY = 1 << 20

logger = logging.getLogger(__name__)


def serve(system: Returning, request: HttpRequest, path: str) -> HttpResponse:
    """Answer a webhook.

    Parameters
    ----------
    path
        What follows the address of the CRM's plugin.
    """
    head, _slash, rest = path.strip("/").partition("/")
    saved = current_store().configuration(system.name)
    if head != _PATH or saved is None:
        return HttpResponseNotFound()
    if request.method != "POST":
        response = HttpResponse(status=HTTPStatus.METHOD_NOT_ALLOWED)
        response["Allow"] = "POST"
        return response
    length = request.headers.get("Content-Length", "0")
    if not length.isdecimal() or int(length) > _MOST_BODY:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        if not system.is_genuine(saved, request, rest):
            return HttpResponse(status=HTTPStatus.FORBIDDEN)
    except (UnreadablePostError, RequestDataTooBig):
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    except SettingsError as error:
        # They were checked when they were saved: another version of the plugin did that.
        logger.error("The settings of %s can't be used: %s", system.name, error)
        return HttpResponseNotFound()
    with current_store().writing():
        back.wake(system)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@csrf_exempt
def by_name(request: HttpRequest, name: str, path: str) -> HttpResponse:
    """The same for a site that includes the addresses of all CRMs."""
    system = adapter.system(name)
    if not isinstance(system, Returning):
        return HttpResponseNotFound()
    return serve(system, request, path)
