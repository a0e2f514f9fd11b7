"""Pages for staff: the queue, a receipt, shifts, and whether the day agrees.

Who may see them is the matter of whoever serves them.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.csrf import csrf_exempt

from ...language import in_host_language
from ...outbox.staff_pages import private
from . import queue, receipt, report, shifts

__all__ = ["serve"]


# Its forms carry a key of their own, see :mod:`.forms`: not every shop has Django's.
@csrf_exempt
@in_host_language
def serve(request: HttpRequest, user: str = "", path: str = "") -> HttpResponse:
    """The page at a path below the room's own address.

    Parameters
    ----------
    user
        Who was let in, by whoever serves the page: the buttons work for nobody else, so that
        another site can't press them in his name.
    """
    root = request.path.removesuffix(path)
    match path.strip("/").split("/"):
        case [""]:
            response = queue.show(request, user, root)
        case ["shifts"]:
            response = shifts.show(request, user, root)
        case ["report"]:
            response = report.show(request, user, root)
        case ["receipt", name]:
            response = receipt.show(request, user, root, _uuid(name))
        case _:
            response = HttpResponseNotFound()
    return private(response)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
