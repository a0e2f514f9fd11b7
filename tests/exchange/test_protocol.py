"""What 1C hears: the modes of the protocol, and a clear answer to everything else."""

from io import BytesIO

import pytest

from saleor_1c_plugin.exchange.errors import Refused
from saleor_1c_plugin.exchange.models import Exchange, ImportJob, JournalEntry, SpoolPart
from saleor_1c_plugin.exchange.spool import open_spooled as open_file
from saleor_1c_plugin.exchange.spool import receive
from saleor_1c_plugin.sandbox.models import Product
from tests.catalog.support import PRICE_TYPES, catalogue, good, offer, offers

from .conftest import LOGIN, PASSWORD, OneC

pytestmark = pytest.mark.django_db(transaction=True)

GOODS = catalogue(good("p1")).encode()


def test_log_in_gives_a_cookie_and_a_session() -> None:
    lines = OneC().log_in().split("\n")
    assert lines[0] == "success"
    assert lines[1] == "onec_session"
    assert lines[3].startswith("sessid=")
    assert lines[4].startswith("timestamp=")
    assert not Exchange.objects.filter(cookie_hash=lines[2]).exists()


def test_cyrillic_password_in_the_code_page_of_1c() -> None:
    assert OneC().log_in(encoding="windows-1251").startswith("success")


def test_init_tells_limits_and_the_version_asked_for(onec: OneC) -> None:
    assert "version" not in onec.ask("init")
    answer = onec.ask("init", version="2.08")
    assert answer.split("\n")[:2] == ["zip=yes", f"file_limit={16 << 20}"]
    assert "version=2.08" in answer
    assert "version=3.1" in onec.ask("init", version="9.9")


def test_answers_in_windows_1251(settings) -> None:
    settings.ONEC_CONFIGURATION = {
        "exchange": {"login": LOGIN, "password": PASSWORD, "encoding": "windows-1251"}
    }
    response = OneC().http.get("/1c/?type=sale&mode=checkauth")
    assert "charset=windows-1251" in response["Content-Type"]
    assert "Имя пользователя" in response.content.decode("windows-1251")


def test_a_file_in_parts_is_imported(onec: OneC) -> None:
    middle = len(GOODS) // 2
    assert onec.send("import.xml", GOODS[:middle]) == "success"
    assert onec.send("import.xml", GOODS[middle:]) == "success"
    answer = onec.load("import.xml")
    assert answer.startswith("success")
    assert "создано 1" in answer
    assert Product.objects.get().name == "Стул"
    from saleor_1c_plugin.exchange.journal import counts_by_kind, total

    assert total(counts_by_kind(ImportJob.objects.get().counts.all())).created == 1


def test_a_part_sent_again_is_recognised(onec: OneC) -> None:
    middle = len(GOODS) // 2
    onec.send("import.xml", GOODS[:middle])
    onec.send("import.xml", GOODS[:middle])
    onec.send("import.xml", GOODS[middle:])
    assert SpoolPart.objects.count() == 2
    assert onec.load("import.xml").startswith("success")


def test_a_missing_part_fails_with_a_reason_and_the_next_exchange_heals(onec: OneC) -> None:
    onec.send("import.xml", GOODS[: len(GOODS) // 2])
    answer = onec.load("import.xml")
    assert answer.startswith("failure")
    assert len(answer) > len("failure\n")
    later = OneC()
    later.log_in()
    later.send("import.xml", GOODS)
    assert later.load("import.xml").startswith("success")


def test_a_body_larger_than_djangos_limit_is_streamed(onec: OneC) -> None:
    body = bytes(range(256)) * (3 << 12)
    assert len(body) > 2_621_440
    assert onec.send("import_files/big.bin", body) == "success"
    file = Exchange.objects.get().files.get()
    with open_file(file) as stream:
        assert stream.read() == body


def test_a_cut_off_body_is_not_kept(onec: OneC) -> None:
    exchange = Exchange.objects.get()
    with pytest.raises(Refused, match="не целиком"):
        receive(exchange, "import.xml", BytesIO(GOODS).read, len(GOODS) + 10, 1 << 20)
    with pytest.raises(Refused, match="больше"):
        receive(exchange, "import.xml", BytesIO(b"0" * (2 << 20)).read, None, 1 << 20)
    assert not SpoolPart.objects.exists()


def test_importing_what_was_not_sent(onec: OneC) -> None:
    assert "не загружен" in onec.ask("import", filename="import.xml")


def test_two_exchanges_do_not_mix(onec: OneC) -> None:
    other = OneC()
    other.log_in()
    onec.send("import.xml", GOODS)
    other.send("import.xml", catalogue(good("p2", "Стол")).encode())
    assert onec.load("import.xml").startswith("success")
    assert list(Product.objects.values_list("name", flat=True)) == ["Стул"]
    assert other.load("import.xml").startswith("success")
    assert Product.objects.count() == 2


def test_disk_full_is_told_and_nothing_is_kept(onec: OneC, monkeypatch) -> None:
    import errno

    from django.core.files.storage import FileSystemStorage

    def full(*args: object, **kwargs: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    answer = onec.send("import.xml", GOODS)
    assert answer.startswith("failure")
    assert "не осталось места" in answer
    assert not SpoolPart.objects.exists()


def test_database_error_is_a_clear_answer(onec: OneC, monkeypatch) -> None:
    from django.db import OperationalError

    from saleor_1c_plugin.exchange import auth

    def gone(*args: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(auth, "current", gone)
    assert "База данных" in onec.ask("init")


def test_the_journal_shows_counts_and_problems(onec: OneC) -> None:
    onec.send("offers.xml", offers(offer("p9"), head=PRICE_TYPES).encode())
    onec.load("offers.xml")
    page = onec.http.get("/journal/", headers={"Accept-Language": "ru"})
    assert page.status_code == 200
    detail = onec.http.get(f"/journal/{Exchange.objects.get().public_id}/")
    assert "карточка его товара ещё не пришла" in detail.content.decode()


def test_complete_applies_the_policy_for_missing_goods(settings) -> None:
    settings.ONEC_CONFIGURATION["catalog"]["missing_products"] = "hide"
    for body in (catalogue(good("p1") + good("p2")), catalogue(good("p1"))):
        session = OneC()
        session.log_in()
        session.send("import.xml", body.encode())
        session.load("import.xml")
        assert session.ask("complete").startswith("success")
    assert dict(Product.objects.values_list("key", "published")) == {"p1": True, "p2": False}


def test_a_failed_file_protects_the_goods_that_it_would_have_named(settings) -> None:
    settings.ONEC_CONFIGURATION["catalog"]["missing_products"] = "delete"
    first = OneC()
    first.log_in()
    first.send("import.xml", catalogue(good("p1") + good("p2")).encode())
    first.load("import.xml")
    second = OneC()
    second.log_in()
    second.send("import.xml", catalogue(good("p1") + good("p2")).encode()[:-200])
    assert second.load("import.xml").startswith("failure")
    answer = second.ask("complete")
    assert answer.startswith("failure")
    assert "import.xml" in answer
    assert Product.objects.count() == 2
    assert not ImportJob.objects.filter(kind="finish").exists()
    assert JournalEntry.objects.filter(message__contains="не обрабатывались").exists()
