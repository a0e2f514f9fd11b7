"""A worker may die anywhere: its job is taken over, and a worker thought dead is fenced off."""

from datetime import timedelta

import pytest
from django.utils import timezone

from saleor_1c_plugin.exchange import lease
from saleor_1c_plugin.exchange.errors import LostLease
from saleor_1c_plugin.exchange.lease import Lease
from saleor_1c_plugin.exchange.models import Exchange, ImportJob, JournalEntry
from saleor_1c_plugin.exchange.report import JournalReport
from saleor_1c_plugin.exchange.tasks import run_import
from saleor_1c_plugin.sandbox.models import Product
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


def test_a_job_that_kills_its_workers_is_given_up_and_journalled(
    onec: OneC, stuck: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEC_MAX_ATTEMPTS", "1")
    ImportJob.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert "прерывался 1 раз" in onec.load("import.xml")
    assert "прерывался 1 раз" in JournalEntry.objects.get(job=stuck.job, level="error").message


def test_a_job_that_was_interrupted_says_so_once(onec: OneC, stuck: Lease) -> None:
    ImportJob.objects.update(lease_until=timezone.now() - timedelta(seconds=1), attempts=3)
    assert onec.load("import.xml").startswith("success")
    assert "Обработка прервалась" in JournalEntry.objects.get(job=stuck.job).message


@pytest.mark.parametrize("long_ago", [True, False])
def test_a_job_that_1c_has_left_never_overwrites_a_newer_exchange(
    stuck: Lease, long_ago: bool
) -> None:
    def leave() -> None:
        Exchange.objects.filter(pk=stuck.job.exchange_id).update(
            last_seen=timezone.now() - timedelta(minutes=5)
        )

    if long_ago:
        leave()
    newer = OneC()
    newer.log_in()
    newer.send("import.xml", catalogue(good("p1", "Новый")).encode())
    assert newer.load("import.xml").startswith("success")
    leave()
    ImportJob.objects.filter(pk=stuck.job.pk, status="running").update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )
    # Neither a worker that the next login would wake writes any more, nor its own.
    OneC().log_in()
    with pytest.raises(LostLease):
        JournalReport(stuck).beat(1)
    assert Product.objects.get().name == "Новый"
    stuck.job.refresh_from_db()
    assert stuck.job.status == ImportJob.Status.FAILED
    assert "начала новый" in JournalEntry.objects.get(job=stuck.job).message


def test_a_job_that_1c_waits_for_goes_on_beside_a_newer_exchange(onec: OneC, stuck: Lease) -> None:
    ImportJob.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    newer = OneC()
    newer.log_in()
    newer.send("import.xml", catalogue(good("p2", "Стол")).encode())
    newer.load("import.xml")
    assert onec.load("import.xml").startswith("success")
    assert Product.objects.count() == 2
