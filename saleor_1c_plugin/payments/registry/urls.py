"""Address of the report, for a site that includes it; who may see it is that site's matter."""

from django.urls import path

from . import pages

app_name = "onec_registries"

urlpatterns = [path("", pages.registries, name="registries")]
