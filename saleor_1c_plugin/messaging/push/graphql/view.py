"""The address: as that of reservations, and nowhere while the plugin is off."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.csrf import csrf_exempt

from ....reservations.graphql.view import answer
from ....store import current_store
from .. import NAME
from .asked import Asked
from .schema import schema


@csrf_exempt
def serve(request: HttpRequest) -> HttpResponse:
    """Answer a query. Customers are told by a header, never by a cookie: there is no CSRF."""
    if current_store().configuration(NAME) is None:
        return HttpResponseNotFound()
    return answer(request, schema, Asked(request))
