"""Addresses of the journal, for a site that includes them; who may see it is that site's matter."""

from django.urls import path

from ..language import in_host_language
from . import pages

app_name = "onec_exchange"

urlpatterns = [
    path("", in_host_language(pages.journal), name="journal"),
    path("<uuid:public_id>/", in_host_language(pages.exchange), name="exchange"),
]
