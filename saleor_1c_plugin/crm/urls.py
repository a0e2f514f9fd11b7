"""Addresses of the CRMs' page and of what CRMs call, for a site that includes them.

Who may see the page is that site's matter.
"""

from django.urls import path

from . import hearing, pages

app_name = "onec_crm"

urlpatterns = [
    path("", pages.crm, name="crm"),
    path("<slug:name>/<path:path>", hearing.by_name, name="changed"),
]
