"""The journal's pages in a Saleor whose site includes them, as the README says."""

import pytest
from django.test import Client
from django.urls import include, path
from django.utils import timezone
from saleor.urls import urlpatterns as saleor_urls

from saleor_1c_plugin.exchange import journal
from saleor_1c_plugin.exchange.models import Exchange
from saleor_1c_plugin.report import Level

urlpatterns = [path("1c-journal/", include("saleor_1c_plugin.exchange.urls")), *saleor_urls]


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_site_shows_the_journal_by_one_line_of_its_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ONEC_LANGUAGE", "ru")
    now = timezone.now()
    exchange = Exchange.objects.create(
        cookie_hash="0" * 64, login="1c", address="192.0.2.1", started=now, last_seen=now
    )
    journal.write(Level.ERROR, "Объект не записан", exchange=exchange, kind="product", line=7)
    page = Client().get("/1c-journal/").content.decode()
    assert "192.0.2.1" in page
    assert "Журнал обменов с 1С" in page
    page = Client().get(f"/1c-journal/{exchange.public_id}/").content.decode()
    assert "Объект не записан" in page
    assert "MISSING" not in page
