"""A worker may die anywhere: its job is taken over, and a worker thought dead is fenced off."""

from datetime import timedelta

import pytest
from django.utils import timezone

from saleor_1c_plugin.exchange import lease
from saleor_1c_plugin.exchange.errors import LostLease
from saleor_1c_plugin.exchange.lease import Lease
from saleor_1c_plugin.exchange.models import ImportJob
from saleor_1c_plugin.exchange.report import JournalReport
from saleor_1c_plugin.exchange.tasks import run_import
from tests.catalog.support import catalogue, good

from .conftest import OneC

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stuck(onec: OneC, monkeypatch: pytest.MonkeyPatch) -> Lease:
    """A job whose worker took it and died."""
    with monkeypatch.context() as patch:
        patch.setattr(run_import, "apply_async", lambda **kwargs: None)
        onec.send("import.xml", catalogue(good("p1")).encode())
        onec.ask("import", filename="import.xml")
    taken = lease.take(ImportJob.objects.get().pk)
    assert taken is not None
    return taken


def test_a_leased_job_is_not_taken_twice(stuck: Lease) -> None:
    assert lease.take(stuck.job.pk) is None


def test_a_dead_workers_job_is_taken_over_and_the_old_worker_fenced(
    onec: OneC, stuck: Lease
) -> None:
    ImportJob.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert onec.load("import.xml").startswith("success")
    with pytest.raises(LostLease):
        JournalReport(stuck).beat(1)
    with pytest.raises(LostLease):
        stuck.finish(ImportJob.Status.FAILED, "the old worker must not be heard")
    assert ImportJob.objects.get().status == ImportJob.Status.DONE
