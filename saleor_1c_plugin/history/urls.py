"""Addresses of the journal, for a site that includes them."""

from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from . import feed, pages

app_name = "onec_history"

urlpatterns = [
    # Its form carries a key of its own; who may see it is the site's matter.
    path("", csrf_exempt(pages.show), name="events"),
    # A program that leaves the slash out, or adds one, is not sent round.
    re_path(r"^feed/?$", csrf_exempt(feed.serve), name="feed"),
    re_path(r"^schema/?$", feed.serve_schema, name="schema"),
]
