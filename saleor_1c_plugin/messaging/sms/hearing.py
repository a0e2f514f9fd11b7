"""What services tell by themselves: reports of messages, and messages from buyers.

A report that is lost does no harm: what nobody has told of is asked for (:mod:`.polling`).
"""

import logging
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound
from django.views.decorators.csrf import csrf_exempt

from ...configuration import SettingsError
from ...store import current_store
from .. import incoming, outcomes
from ..channel import Incoming, channel
from .account import Outcome, Report
from .channel import Forged, SmsChannel

#: Bytes; a hundred reports come in some thousand.
MAX_BODY = 64 << 10
_MOST_FIELDS = 500

logger = logging.getLogger(__name__)


@csrf_exempt
def serve(request: HttpRequest, name: str) -> HttpResponse:
    """For a site that has addresses of its own: take what a service of this name tells."""
    found = channel(name)
    return receive(found, request) if isinstance(found, SmsChannel) else HttpResponseNotFound()


def receive(service: SmsChannel, request: HttpRequest) -> HttpResponse:
    """Take what a service tells; the answer to it."""
    saved = current_store().configuration(service.name)
    if saved is None:
        return HttpResponseNotFound()
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    # Never `request.body`: that would read whatever comes.
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        return HttpResponse(status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        told = service.heard(saved, headers, dict(pairs))
    except SettingsError:
        return HttpResponseNotFound()
    except ValueError:
        return HttpResponse(status=400)
    except Forged:
        source = request.META.get("REMOTE_ADDR")
        logger.warning("What came for %s was refused: it came from %s", service.name, source)
        return HttpResponse(status=403)
    for one in told:
        if isinstance(one, Incoming):
            incoming.receive(one)
        else:
            take(service, one)
    return HttpResponse(service.accepted, content_type=service.accepted_type)


def take(service: SmsChannel, report: Report) -> None:
    """Note what a service says of a message; nothing where it is none of ours."""
    if report.cost is not None:
        outcomes.priced(service.name, report.reference, report.cost, report.currency)
    if report.outcome is Outcome.DELIVERED:
        outcomes.delivered(service.name, report.reference)
    elif report.outcome is Outcome.FAILED:
        outcomes.undelivered(service.name, report.reference, report.reason)
