"""What an exchange must survive, and what its journal must still know afterwards."""

import errno
import io
import time
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import OperationalError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from saleor_1c_plugin.catalog.models import RegisterEntry
from saleor_1c_plugin.commerceml.model import ItemKind
from saleor_1c_plugin.exchange import auth, journal, spool
from saleor_1c_plugin.exchange.archive import entry_name
from saleor_1c_plugin.exchange.lease import Lease, take
from saleor_1c_plugin.exchange.models import Exchange, ImportJob, JournalEntry, SpoolFile
from saleor_1c_plugin.exchange.report import JournalReport
from saleor_1c_plugin.exchange.tasks import run_import, sweep_exchanges
from saleor_1c_plugin.report import Level, Outcome
from saleor_1c_plugin.sandbox.models import Product
from tests.catalog.support import PRICE_TYPES, catalogue, good, offer, offers

from .conftest import OneC
from .test_archive import pack_named

pytestmark = pytest.mark.django_db(transaction=True)

GOODS = catalogue(good("p1")).encode()


def queued(onec: OneC, monkeypatch: pytest.MonkeyPatch, name: str, body: bytes) -> ImportJob:
    """A job that no worker has taken."""
    with monkeypatch.context() as patch:
        patch.setattr(run_import, "apply_async", lambda **options: None)
        onec.send(name, body)
        onec.ask("import", filename="import.xml")
    return ImportJob.objects.get()


@pytest.fixture
def taken(onec: OneC, monkeypatch: pytest.MonkeyPatch) -> Lease:
    lease = take(queued(onec, monkeypatch, "import.xml", b"x").pk)
    assert lease is not None
    return lease


def take_over(lease: Lease) -> Lease:
    ImportJob.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    other = take(lease.job.pk)
    assert other is not None
    return other


def counts(lease: Lease) -> journal.Counts:
    return journal.total(journal.counts_by_kind(lease.job.counts.all()))


def age(**delta: float) -> None:
    then = timezone.now() - timedelta(**delta)
    Exchange.objects.update(last_seen=then)
    Exchange.objects.exclude(finished=None).update(finished=then)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_dry_run_journals_problems_and_counts(onec: OneC, settings: Any) -> None:
    settings.ONEC_CONFIGURATION["exchange"]["dry_run"] = True
    onec.send("offers.xml", offers(offer("p9"), head=PRICE_TYPES).encode())
    answer = onec.load("offers.xml")
    assert "пробный прогон" in answer
    assert "объектов 0" not in answer
    assert JournalEntry.objects.exists()


def test_a_dry_run_judges_a_file_by_those_before_it(onec: OneC, settings: Any) -> None:
    settings.ONEC_CONFIGURATION["exchange"]["dry_run"] = True
    onec.send("import.xml", catalogue(good("p1")).encode())
    onec.send("offers.xml", offers(offer("p1"), head=PRICE_TYPES).encode())
    assert "создано 1" in onec.load("import.xml")
    assert "создано 1" in onec.load("offers.xml")
    assert onec.ask("complete").startswith("success")
    assert not Product.objects.exists()
    assert not RegisterEntry.objects.exists()


def test_a_dry_run_keeps_its_lease_although_every_batch_is_rolled_back(taken: Lease) -> None:
    soon = timezone.now() + timedelta(seconds=1)
    ImportJob.objects.update(lease_until=soon, dry_run=True)
    taken.job.refresh_from_db()
    with JournalReport(taken) as report, transaction.atomic():
        report.beat(1)
        transaction.set_rollback(True)
    taken.job.refresh_from_db()
    assert taken.job.lease_until is not None
    assert taken.job.lease_until > soon


def test_what_a_killed_worker_committed_is_counted_once(taken: Lease) -> None:
    with transaction.atomic():
        report = JournalReport(taken)
        report.beat(3)
        report.count(ItemKind.PRODUCT, Outcome.SEEN, 3)
        report.count(ItemKind.PRODUCT, Outcome.CREATED, 2)
        report.count(ItemKind.PRODUCT, Outcome.FAILED)
        report.problem(Level.WARNING, "картинка не пришла", object_id="p1")
        report.problem(Level.ERROR, "не записан", object_id="p3")
    other = take_over(taken)
    report = JournalReport(other)
    report.count(ItemKind.PRODUCT, Outcome.SEEN, 3)
    report.count(ItemKind.PRODUCT, Outcome.UNCHANGED, 2)
    report.count(ItemKind.PRODUCT, Outcome.FAILED)
    report.problem(Level.ERROR, "не записан", object_id="p3")
    assert counts(other) == journal.Counts(seen=3, created=2, failed=1)
    assert set(JournalEntry.objects.values_list("object_id", flat=True)) == {"p1", "p3"}
    assert JournalEntry.objects.count() == 2


def test_a_batch_that_is_rolled_back_counts_nothing(taken: Lease) -> None:
    report = JournalReport(taken)
    with transaction.atomic():
        report.count(ItemKind.PRODUCT, Outcome.CREATED, 5)
        report.problem(Level.ERROR, "не записан")
        transaction.set_rollback(True)
    assert counts(taken) == journal.Counts()
    assert not JournalEntry.objects.exists()


def test_entries_beyond_the_limit_are_counted(
    taken: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEC_JOURNAL_ENTRIES", "2")
    report = JournalReport(taken)
    for number in range(5):
        report.problem(Level.ERROR, "не записан", line=number)
    assert JournalEntry.objects.count() == 2
    assert journal.unlisted(taken.job.counts.all()) == 3


def test_an_empty_file_in_an_archive_is_harmless(onec: OneC) -> None:
    onec.send("p.zip", pack_named({"import.xml": GOODS, "import_files/.keep": b""}))
    assert onec.load("import.xml").startswith("success")


@pytest.mark.parametrize("encoding", ["cp866", "windows-1251", "utf-8"])
def test_entry_names_in_any_encoding(encoding: str) -> None:
    raw = "import_files/сено.jpg".encode(encoding)
    info = zipfile.ZipInfo(raw.decode("cp437"))
    info.flag_bits = 0
    assert entry_name(info) == "import_files/сено.jpg"


def test_names_percent_encoded_in_windows_1251(onec: OneC) -> None:
    for name, body in (("кот", b"1"), ("пёс", b"2")):
        quoted = "".join(f"%{byte:02X}" for byte in name.encode("cp1251"))
        onec.http.post(
            f"/1c/?type=catalog&mode=file&filename={quoted}.jpg",
            data=body,
            content_type="application/octet-stream",
        )
    assert set(SpoolFile.objects.values_list("name", flat=True)) == {"кот.jpg", "пёс.jpg"}


def test_unpacking_renews_the_lease(onec: OneC, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEC_LEASE_SECONDS", "1")
    pictures = {f"import_files/{number}.bin": b"%d" % number for number in range(6)}
    job = queued(onec, monkeypatch, "p.zip", pack_named({"import.xml": GOODS, **pictures}))
    store, late = spool.store, []

    def slow(*given: Any) -> SpoolFile:
        time.sleep(0.3)
        file = store(*given)
        job.refresh_from_db()
        late.append(job.lease_until is None or job.lease_until < timezone.now())
        return file

    monkeypatch.setattr(spool, "store", slow)
    run_import(job.pk)
    assert late == [False] * 7


def test_a_login_does_not_need_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(**options: object) -> None:
        raise BrokerError("down")

    monkeypatch.setattr(sweep_exchanges, "apply_async", down)
    assert OneC().log_in().startswith("success")


def test_a_broker_that_comes_back_gets_the_job(onec: OneC, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(**options: object) -> None:
        raise BrokerError("down")

    onec.send("import.xml", GOODS)
    with monkeypatch.context() as patch:
        patch.setattr(run_import, "apply_async", down)
        assert onec.ask("import", filename="import.xml").startswith("progress")
    assert onec.load("import.xml").startswith("success")


def test_a_part_cut_by_a_full_disk_is_deleted(
    onec: OneC, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    save = FileSystemStorage._save

    def full(self: FileSystemStorage, name: str, content: Any) -> str:
        save(self, name, content)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_save", full)
        assert "не осталось места" in onec.send("a.xml", b"abc")
    assert not files_in(tmp_path / "spool")


def test_objects_that_no_row_knows_go_with_their_exchange(onec: OneC, tmp_path: Path) -> None:
    public_id = Exchange.objects.get().public_id
    FileSystemStorage(tmp_path / "spool").save(f"{public_id}/ab/lost", io.BytesIO(b"x"))
    age(hours=2)
    sweep_exchanges()
    assert not files_in(tmp_path / "spool")
    assert "истёк" in onec.ask("init")


def test_complete_says_that_a_failed_package_was_not_finished(onec: OneC) -> None:
    onec.send("import.xml", b"not xml")
    assert onec.load("import.xml").startswith("failure")
    assert "не полностью" in onec.ask("complete")


def test_a_package_that_1c_never_completes_is_finished_by_the_sweep(onec: OneC) -> None:
    onec.send("import.xml", GOODS)
    onec.load("import.xml")
    age(hours=2)
    sweep_exchanges()
    assert ImportJob.objects.get(kind="finish").status == ImportJob.Status.DONE
    age(days=2)
    sweep_exchanges()
    assert Exchange.objects.get().closed is not None
    assert not SpoolFile.objects.exists()


def test_a_package_with_a_failure_is_given_up_not_finished(onec: OneC) -> None:
    onec.send("import.xml", b"not xml")
    onec.load("import.xml")
    age(hours=2)
    sweep_exchanges()
    assert not ImportJob.objects.filter(kind="finish").exists()
    assert JournalEntry.objects.filter(level="warning").exists()


def test_a_corrected_file_in_the_same_session(onec: OneC) -> None:
    onec.send("import.xml", b"not xml")
    assert onec.load("import.xml").startswith("failure")
    onec.send("import.xml", GOODS)
    assert onec.load("import.xml").startswith("success")


def test_refusals_are_journalled(onec: OneC) -> None:
    onec.send("../x.xml", b"x")
    OneC().log_in("wrong")
    messages = " ".join(JournalEntry.objects.values_list("message", flat=True))
    assert "выход из папки" in messages
    assert "Неверный логин" in messages
    assert "wrong" not in messages


def test_a_database_that_is_away_during_an_import_lets_1c_wait(
    onec: OneC, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*given: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(auth, "current", gone)
    assert onec.ask("import", filename="import.xml").startswith("progress")


def test_the_database_going_away_in_mid_import_heals(
    onec: OneC, monkeypatch: pytest.MonkeyPatch
) -> None:
    from saleor_1c_plugin.exchange import run

    def gone(*given: object) -> None:
        raise OperationalError("server closed the connection")

    onec.send("import.xml", GOODS)
    with monkeypatch.context() as patch:
        patch.setattr(run, "import_file", gone)
        assert onec.ask("import", filename="import.xml").startswith("progress")
    assert onec.load("import.xml").startswith("success")
