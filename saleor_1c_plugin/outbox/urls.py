"""Address of the outbox, for a site that includes it; who may see it is that site's matter."""

from django.urls import path

from . import pages

app_name = "onec_outbox"

urlpatterns = [path("", pages.outbox, name="outbox")]
