"""Addresses of receipts' pages, for a site that includes them.

Buyers have theirs, with a key in it. Who may see the others is that site's matter.
"""

from django.urls import path

from . import pages
from .printing import links, page

app_name = "onec_receipts"

urlpatterns = [
    path(f"{links.PREFIX}<path:path>", page.show, name="receipt"),
    path("", pages.serve, name="queue"),
    path("<path:path>", pages.serve, name="staff"),
]
