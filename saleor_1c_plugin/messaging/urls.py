"""Addresses of messages' pages, for a site that includes them.

Readers have theirs, with a key in it. Who may see the others is that site's matter.
"""

from django.urls import path

from . import links, pages, preference_page

app_name = "onec_messaging"

urlpatterns = [
    path(f"{links.PREFIX}<path:path>", preference_page.serve, name="preference"),
    path("", pages.serve, name="messages"),
    path("<path:path>", pages.serve, name="staff"),
]
