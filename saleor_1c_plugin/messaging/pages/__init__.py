"""Pages for staff: what was said to buyers and by them, what it has cost, and the texts.

Who may see them is the matter of whoever serves them.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.csrf import csrf_exempt

from ...language import in_host_language
from ...outbox.staff_pages import private
from . import received, sent, texts

__all__ = ["serve"]


# Its forms carry a key of their own: not every shop has Django's.
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
            response = sent.show(request, user, root)
        case ["received"]:
            response = received.show(request, root)
        case ["texts"]:
            response = texts.choose(request, root)
        case ["texts", about, language]:
            response = texts.edit(request, user, root, about, language)
        case _:
            response = HttpResponseNotFound()
    return private(response)
