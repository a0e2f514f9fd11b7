"""What an exchange claims to be complete ends with it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from saleor_1c_plugin.catalog.models import FullExport
from saleor_1c_plugin.exchange.models import Exchange
from saleor_1c_plugin.exchange.sweep import sweep
from tests.catalog.support import catalogue, good

from .conftest import OneC

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_abandoned_exchange_leaves_no_claim(onec: OneC) -> None:
    onec.send("import.xml", catalogue(good("p1")).encode())
    onec.send("offers.xml", b"<broken")
    assert onec.load("import.xml").startswith("success")
    assert onec.load("offers.xml").startswith("failure")
    assert FullExport.objects.exists()
    Exchange.objects.update(last_seen=timezone.now() - timedelta(days=1))
    sweep()
    assert not FullExport.objects.exists()
