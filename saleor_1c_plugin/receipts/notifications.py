"""What registers tell by themselves: nothing of it is believed, the register is asked.

So a notification need not be kept: it only makes the question come sooner, and one that is lost,
forged or repeated does no more than have it come later, or once too often.
"""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound

from . import queue, registers
from .driver import Driver, Notifies
from .models import Receipt

#: Bytes; a receipt with all its lines comes back in some.
MAX_BODY = 1 << 20


def receive(driver: Driver, request: HttpRequest) -> HttpResponse:
    """Have asked for what a service tells of; the answer to it."""
    tills = [till for till in registers.park().tills.values() if till.driver.name == driver.name]
    able = [till.register for till in tills if isinstance(till.register, Notifies)]
    if not able:
        return HttpResponseNotFound()
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    headers = {name.lower(): value for name, value in request.headers.items()}
    # Never `request.body`: that would read whatever comes.
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        return HttpResponse(status=413)
    for register in able:
        if external_id := register.read(headers, body):
            _ask(external_id)
            break
    return HttpResponse()


def _ask(external_id: str) -> None:
    try:
        pk = UUID(external_id.partition(".")[0])
    except ValueError:
        return
    with transaction.atomic():
        # What a worker has in hand is asked for when that one has done with it.
        waiting = Receipt.objects.filter(pk=pk, state=Receipt.State.SENT, token="")
        if waiting.update(due=Now()):
            queue.call()
