"""Addresses of the journal, for a site that includes them; who may see it is that site's matter."""

from django.urls import path

from . import pages

app_name = "onec_exchange"

urlpatterns = [
    path("", pages.journal, name="journal"),
    path("<uuid:public_id>/", pages.exchange, name="exchange"),
]
