"""Who may not come in, and what may not be asked for: told to 1C and in the journal."""

import hmac
from io import BytesIO

import pytest
import requests
from django.http import HttpRequest

from saleor_1c_plugin.exchange import auth
from saleor_1c_plugin.exchange.errors import NotLoggedIn
from saleor_1c_plugin.exchange.settings import ExchangeSettings
from tests.catalog.support import catalogue, good

from .conftest import OneC
from .shop import Shop, Talk

GOODS = catalogue(good("p1")).encode()
MODES = ["init", "file", "import", "deactivate", "complete"]


def ask(shop: Shop, mode: str, cookie: str = "", body: bytes | None = None, **query: str) -> str:
    """A request of 1C's; the answer, which must be a failure with a reason."""
    response = requests.request(
        "GET" if body is None else "POST",
        shop.exchange_url,
        params={"type": "catalog", "mode": mode, **query},
        cookies={"onec_session": cookie} if cookie else {},
        data=body,
        timeout=30,
    )
    return refused(response)


def log_in(shop: Shop, login: str, password: str) -> requests.Response:
    return requests.get(
        f"{shop.exchange_url}?type=catalog&mode=checkauth",
        auth=(login.encode(), password.encode()),
        timeout=30,
    )


def refused(response: requests.Response) -> str:
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    status, _, reason = response.text.partition("\n")
    assert status == "failure"
    assert reason
    return reason


def cookie_of(talk: Talk) -> str:
    return str(talk.client._session.headers["Cookie"]).partition("=")[2]


def check_next_exchange(shop: Shop) -> None:
    talk = shop.client()
    talk.client.send_file("import.xml", BytesIO(GOODS))
    assert "создано 1" in talk.client.import_file("import.xml").message


def test_a_wrong_password_is_refused_and_slowed_down(shop: Shop) -> None:
    for _ in range(5):
        assert "Неверное имя пользователя или пароль" in refused(log_in(shop, "1c", "тайна-Ж"))
    assert "вход под именем «1c» (адрес 127.0.0.1)" in shop.journal("error")
    # Now even the right one has to wait, and the wait grows.
    assert "Повторите через 2 с" in refused(log_in(shop, "1c", shop.password))
    assert "Слишком много неудачных попыток" in shop.journal("error")
    shop.rows("UPDATE onec_exchange_loginthrottle SET blocked_until = now()")
    assert "Повторите через 4 с" in refused(log_in(shop, "1c", "тайна-Ж"))
    for secret in (shop.password, "тайна-Ж"):
        assert secret not in shop.journal()
        assert shop.web is not None
        assert secret not in shop.web.tail()
    assert not shop.value("SELECT count(*) FROM onec_exchange_exchange")
    shop.rows("UPDATE onec_exchange_loginthrottle SET blocked_until = now()")
    check_next_exchange(shop)


def test_another_login_from_the_same_address_does_not_lock_1c_out(shop: Shop) -> None:
    for _ in range(8):
        refused(log_in(shop, "admin", "x"))
    check_next_exchange(shop)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("login", ["обмен", "чужой"])
@pytest.mark.parametrize("password", ["", "п", "пароль-секрет ", "x" * 4000])
def test_a_wrong_password_takes_as_many_comparisons_as_the_right_one(
    monkeypatch: pytest.MonkeyPatch, login: str, password: str
) -> None:
    compared: list[int] = []

    def count(left: bytes, right: bytes) -> bool:
        compared.append(len(left))
        return real(left, right)

    real = hmac.compare_digest
    monkeypatch.setattr(auth.hmac, "compare_digest", count)
    onec = OneC()
    assert onec.log_in().startswith("success")
    right = compared[:]
    compared.clear()
    assert onec.log_in(password, login).startswith("failure")
    assert compared == right


def test_without_a_password_in_the_settings_nobody_gets_in(shop: Shop) -> None:
    with pytest.raises(NotLoggedIn, match="не задан"):
        auth.login(HttpRequest(), ExchangeSettings(login="1c"))
    assert "Имя пользователя и пароль не пришли" in ask(shop, "checkauth")
    assert "Имя пользователя и пароль не пришли" in shop.journal("error")


@pytest.mark.parametrize("mode", MODES)
def test_without_a_session(shop: Shop, mode: str) -> None:
    assert "checkauth" in ask(shop, mode, body=GOODS, filename="import.xml")
    assert "Нет сеанса обмена" in shop.journal("error")
    assert not shop.value("SELECT count(*) FROM onec_exchange_spoolpart")
    check_next_exchange(shop)


@pytest.mark.parametrize("mode", MODES)
def test_an_old_session(shop: Shop, mode: str) -> None:
    cookie = cookie_of(shop.client())
    shop.rows("UPDATE onec_exchange_exchange SET started = started - interval '25 hours'")
    assert "истёк" in ask(shop, mode, cookie, GOODS, filename="import.xml")
    assert "истёк" in shop.journal("error")
    assert not shop.value("SELECT count(*) FROM onec_exchange_spoolpart")
    check_next_exchange(shop)


def test_a_foreign_cookie(shop: Shop) -> None:
    assert "не найден" in ask(shop, "file", "0" * 64, GOODS, filename="import.xml")
    assert "не найден" in shop.journal("error")


def test_the_sessid_of_another_session(shop: Shop) -> None:
    mine, other = shop.client(), shop.client()
    assert "другому сеансу" in ask(shop, "init", cookie_of(mine), sessid=other.client._sessid)
    assert "другому сеансу" in shop.journal("error")
    mine.client.init()


def test_a_cookie_in_the_database_is_of_no_use(shop: Shop) -> None:
    shop.client()
    kept = shop.value("SELECT cookie_hash FROM onec_exchange_exchange")
    assert "не найден" in ask(shop, "init", kept)


@pytest.mark.parametrize(
    "name",
    [
        *("../import.xml", "a/../../b.xml", "..\\x.xml", "....//../x.xml", "/etc/cron.d/x"),
        *("C:\\1.xml", "\\\\host\\share\\1.xml", "a\x00b.xml", "a\nb.xml", "", "/", "x" * 600),
    ],
)
def test_names_that_lead_out_of_the_package(shop: Shop, name: str) -> None:
    talk = shop.client()
    cookie = cookie_of(talk)
    reason = ask(shop, "file", cookie, b"evil", filename=name)
    assert "мя файла" in reason
    assert reason in shop.journal("error")
    assert ask(shop, "import", cookie, filename=name)
    assert not shop.value("SELECT count(*) FROM onec_exchange_spoolfile")
    # The session lives on.
    talk.client.init()


def test_files_lie_under_names_of_our_own(shop: Shop) -> None:
    talk = shop.client()
    cookie = cookie_of(talk)
    response = requests.post(
        shop.exchange_url,
        params={"type": "catalog", "mode": "file", "filename": "a/./b//evil.php"},
        cookies={"onec_session": cookie},
        data=b"<?php",
        timeout=30,
    )
    assert response.text == "success"
    (key,) = [path.name for path in (shop.folder / "spool").rglob("*") if path.is_file()]
    assert key.isalnum()


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"type": "crm", "mode": "checkauth"}, "вид обмена"),
        ({"type": "x", "mode": "init"}, "вид обмена"),
        ({"type": "catalog", "mode": "drop"}, "команда"),
        ({}, "вид обмена"),
    ],
)
def test_what_nobody_knows(shop: Shop, query: dict[str, str], reason: str) -> None:
    assert reason in refused(requests.get(shop.exchange_url, params=query, timeout=30))
