"""Addresses of the journal."""

from django.urls import path

from . import pages

urlpatterns = [
    path("", pages.journal, name="journal"),
    path("<uuid:pk>/", pages.exchange, name="journal-exchange"),
]
