"""The addresses of bots: messengers bring there what buyers say."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.csrf import csrf_exempt

from ..messaging.bots import messengers
from ..messaging.bots.views import serve


@csrf_exempt
def bot(request: HttpRequest, name: str, path: str = "") -> HttpResponse:
    """A bot by the name of its messenger."""
    messenger = messengers.messenger(name)
    return HttpResponseNotFound() if messenger is None else serve(messenger, request, path)
