"""The client makes 1C's requests, in 1C's order."""

import base64
import io
import zipfile
from pathlib import Path

import pytest

from saleor_1c_plugin.onec.answers import Answer
from saleor_1c_plugin.onec.client import Client
from saleor_1c_plugin.onec.errors import BadAnswer, BadPackage, ExchangeError, Refused
from saleor_1c_plugin.onec.package import Package, open_package

from .server import Reply, Request, Script, obliging, serving

FILES = {
    "import.xml": b"<i>" + b"x" * 2500 + b"</i>",
    "offers.xml": b"<o/>",
    "import_files/ab/one.jpg": b"\xff\xd8one",
    "documents/1/documents.xml": b"<d/>",
}


@pytest.fixture
def package(tmp_path: Path) -> Package:
    for name, content in FILES.items():
        path = tmp_path / "export" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return open_package([tmp_path / "export"])


def test_files_are_sent_then_imported_in_order(package: Package) -> None:
    with serving(obliging(limit=1000)) as site:
        imported = Client(site.url, "1c", "secret").upload(package)
    assert imported == ["import.xml", "offers.xml"]
    assert [(request.mode, request.query.get("filename", "")) for request in site.requests] == [
        ("checkauth", ""),
        ("init", ""),
        ("file", "import_files/ab/one.jpg"),
        ("file", "import.xml"),
        ("file", "import.xml"),
        ("file", "import.xml"),
        ("file", "offers.xml"),
        ("import", "import.xml"),
        ("import", "offers.xml"),
        ("complete", ""),
    ]
    assert {request.query["type"] for request in site.requests} == {"catalog"}


def test_parts_keep_the_limit_and_the_content(package: Package) -> None:
    with serving(obliging(limit=1000)) as site:
        Client(site.url, "1c", "secret").upload(package)
    parts = [part.body for part in site.of("file") if part.query["filename"] == "import.xml"]
    assert [len(part) for part in parts] == [1000, 1000, 507]
    assert b"".join(parts) == FILES["import.xml"]
    assert {part.method for part in site.of("file")} == {"POST"}


def test_password_goes_once_and_the_cookie_afterwards(package: Package) -> None:
    with serving(obliging()) as site:
        Client(site.url, "менеджер", "пароль").upload(package)
    first, *others = site.requests
    credentials = base64.b64encode("менеджер:пароль".encode()).decode()
    assert first.authorization == f"Basic {credentials}"
    assert first.cookie == ""
    assert {request.cookie for request in others} == {"onec_session=abc123"}
    assert {request.authorization for request in others} == {""}
    assert {request.query.get("sessid") for request in others} == {"s1"}


def test_one_archive_when_the_server_takes_them(package: Package) -> None:
    with serving(obliging(zip_="yes", limit=200)) as site:
        imported = Client(site.url, "1c", "secret").upload(package)
    names = {request.query["filename"] for request in site.of("file")}
    assert len(names) == 1
    assert names.pop().endswith(".zip")
    sent = b"".join(request.body for request in site.of("file"))
    with zipfile.ZipFile(io.BytesIO(sent)) as archive:
        assert archive.namelist() == ["import_files/ab/one.jpg", "import.xml", "offers.xml"]
        assert archive.read("import.xml") == FILES["import.xml"]
    assert imported == ["import.xml", "offers.xml"]


def test_a_zip_is_sent_as_it_is(tmp_path: Path, package: Package) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("import.xml", FILES["import.xml"])
    with serving(obliging(zip_="yes")) as site:
        Client(site.url, "1c", "secret").upload(open_package([path]))
    (sent,) = site.of("file")
    assert (sent.query["filename"], sent.body) == ("export.zip", path.read_bytes())


def test_a_zip_is_unpacked_for_a_server_without_zip(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("goods/1/import.xml", FILES["import.xml"])
    with serving(obliging(zip_="no")) as site:
        Client(site.url, "1c", "secret").upload(open_package([path]))
    (sent,) = site.of("file")
    assert (sent.query["filename"], sent.body) == ("goods/1/import.xml", FILES["import.xml"])


def test_a_wanted_zip_that_the_server_refuses(package: Package) -> None:
    with serving(obliging(zip_="no")) as site, pytest.raises(ExchangeError, match="no ZIP"):
        Client(site.url, "1c", "secret").upload(package, zipped=True)


def test_import_is_asked_for_until_it_is_done(package: Package) -> None:
    left = {"import.xml": 3, "offers.xml": 1}
    plain = obliging()

    def answer(request: Request) -> Reply:
        name = request.query.get("filename", "")
        if request.mode == "import" and left[name]:
            left[name] -= 1
            return "progress\nзагружено 10"
        return plain(request)

    with serving(answer) as site:
        Client(site.url, "1c", "secret").upload(package)
    names = [request.query["filename"] for request in site.of("import")]
    assert names == ["import.xml"] * 4 + ["offers.xml"] * 2


def test_patience_ends(package: Package) -> None:
    def answer(request: Request) -> Reply:
        return "progress" if request.mode == "import" else obliging()(request)

    with serving(answer) as site, pytest.raises(ExchangeError, match="still in progress"):
        Client(site.url, "1c", "secret", patience=0.2).upload(package)


@pytest.mark.parametrize("mode", ["checkauth", "init", "file", "import", "complete"])
def test_a_refusal_ends_the_exchange_with_its_reason(package: Package, mode: str) -> None:
    def answer(request: Request) -> Reply:
        return "failure\nНеверный пароль" if request.mode == mode else obliging()(request)

    with serving(answer) as site, pytest.raises(Refused) as caught:
        Client(site.url, "1c", "secret").upload(package)
    assert caught.value.reason == "Неверный пароль"
    assert site.modes[-1] == mode
    assert site.modes.count(mode) == 1


def answering(mode: str, reply: Reply) -> Script:
    return lambda request: reply if request.mode == mode else obliging()(request)


@pytest.mark.parametrize(
    "script",
    [
        answering("checkauth", "success"),
        answering("init", "success"),
        answering("init", "zip=maybe\nfile_limit=1"),
        answering("import", "<html>Sign in</html>"),
        answering("import", 502),
        answering("checkauth", 302),
    ],
)
def test_an_answer_that_1c_would_not_understand(package: Package, script: Script) -> None:
    with serving(script) as site, pytest.raises(BadAnswer):
        Client(site.url, "1c", "secret").upload(package)


@pytest.mark.parametrize("charset", ["", "; charset=windows-1251"])
def test_answers_in_windows_1251(package: Package, charset: str) -> None:
    answer = answering("checkauth", "failure\nНет доступа".encode("windows-1251"))
    with serving(answer, f"text/plain{charset}") as site, pytest.raises(Refused) as caught:
        Client(site.url, "1c", "secret").upload(package)
    assert caught.value.reason == "Нет доступа"


def test_the_declared_charset_goes_before_the_wanted_one(package: Package) -> None:
    heard: list[str] = []

    def listen(request: str, answer: Answer | None) -> None:
        heard.extend(answer.lines if answer else ())

    reply = answering("complete", "success\nГотово")
    with serving(reply, "text/plain; charset=utf-8") as site:
        Client(site.url, "1c", "x", encoding="windows-1251", listener=listen).upload(package)
    assert heard[-1] == "Готово"


def test_a_full_export_says_so_before_the_end(package: Package) -> None:
    with serving(obliging()) as site:
        Client(site.url, "1c", "secret").upload(package, deactivate=True)
    assert site.modes[-2:] == ["deactivate", "complete"]
    assert site.of("deactivate")[0].query["timestamp"] == "1700000000"


def test_documents_go_by_an_exchange_of_orders(package: Package) -> None:
    with serving(obliging()) as site:
        done = Client(site.url, "1c", "secret", kind="sale").upload(package, complete=False)
    assert done == ["documents/1/documents.xml"]
    assert {request.query["type"] for request in site.requests} == {"sale"}
    assert [request.query["filename"] for request in site.of("file")] == done


def test_cyrillic_names_arrive(tmp_path: Path) -> None:
    (tmp_path / "import.xml").write_bytes(b"<i/>")
    (tmp_path / "Фото 1&2.jpg").write_bytes(b"jpg")
    with serving(obliging()) as site:
        Client(site.url, "1c", "secret").upload(open_package([tmp_path]))
    assert site.of("file")[0].query["filename"] == "Фото 1&2.jpg"


def test_nothing_to_send(tmp_path: Path) -> None:
    (tmp_path / "orders.xml").write_bytes(b"<d/>")
    with serving(obliging()) as site, pytest.raises(BadPackage, match="no catalogue files"):
        Client(site.url, "1c", "secret").upload(open_package([tmp_path]))
    assert site.requests == []


def test_nobody_listens(package: Package) -> None:
    with serving(obliging()) as site:
        pass
    with pytest.raises(ExchangeError, match="checkauth"):
        Client(site.url, "1c", "secret").upload(package)
