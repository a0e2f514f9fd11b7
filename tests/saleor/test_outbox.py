"""The outbox in Saleor: its page is for staff alone, and Saleor's beat knows the regular work."""

import base64
import re
import sys
import time
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from saleor.account.models import User
from saleor.permission.models import Permission
from saleor.plugins.models import PluginConfiguration
from saleor.schedulers.models import CustomPeriodicTask
from saleor.site.models import SiteSettings

from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.sandbox.children import Child
from saleor_1c_plugin.sandbox.valkey import Valkey

PAGE = "/plugins/saleor1c.outbox/"
PASSWORD = "пароль: с двоеточием"


def visit(email: str, password: str = PASSWORD) -> Client:
    token = base64.b64encode(f"{email}:{password}".encode()).decode()
    return Client(headers={"Authorization": f"Basic {token}"})


def person(email: str, **more: bool) -> User:
    user = User(email=email, **more)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def staff(db: None) -> User:
    cache.clear()
    user = person("staff@example.com", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="manage_plugins"))
    return user


def test_staff_see_the_page_and_may_press_its_buttons(staff: User) -> None:
    dead = Message.objects.create(
        topic="crm", object="order-1", key="k1", payload={}, state="dead", due=None, reason="no"
    )
    client = visit(staff.email)
    response = client.get(PAGE)
    assert response.status_code == 200
    page = response.content.decode()
    assert "order-1" in page
    form = re.search(r'name="form" value="([^"]+)"', page)
    assert form
    data = {"action": "drop", "message": dead.pk}
    assert client.post(PAGE, data).status_code == 403
    assert client.post(PAGE, {**data, "form": form[1]}).status_code == 302
    assert not Message.objects.exists()


def test_nobody_else_is_let_in(staff: User) -> None:
    person("buyer@example.com")
    person("clerk@example.com", is_staff=True)
    gone = person("gone@example.com", is_staff=True, is_active=False)
    gone.user_permissions.set(staff.user_permissions.all())
    strangers = [Client(), Client(headers={"Authorization": "Basic !"})]
    strangers += [visit(f"{name}@example.com") for name in ("buyer", "clerk", "gone", "nobody")]
    strangers.append(visit(staff.email, "wrong"))
    for stranger in strangers:
        cache.clear()
        for response in (stranger.get(PAGE), stranger.post(PAGE, {"action": "send-all"})):
            assert response.status_code == 401
            assert response["WWW-Authenticate"].startswith("Basic ")
            assert not response.content


def test_passwords_can_not_be_guessed_one_after_another(staff: User) -> None:
    assert visit(staff.email, "wrong").get(PAGE).status_code == 401
    # The way is closed for a moment, even to who knows the password.
    assert visit(staff.email).get(PAGE).status_code == 401


def test_a_site_without_password_logins_has_none_here(staff: User) -> None:
    if not hasattr(SiteSettings, "password_login_mode"):
        pytest.skip("Saleor 3.22 has no such setting")
    SiteSettings.objects.update(password_login_mode="customers_only")
    assert visit(staff.email).get(PAGE).status_code == 401


def test_a_plugin_that_is_off_has_no_page(staff: User) -> None:
    PluginConfiguration.objects.create(identifier="saleor1c.outbox", active=False)
    assert visit(staff.email).get(PAGE).status_code == 404


@pytest.mark.django_db
def test_saleors_beat_has_the_regular_work_in_its_database(tmp_path: Path) -> None:
    broker = Valkey(tmp_path)
    broker.wait()
    beat = Child(
        "beat",
        [
            *(sys.executable, "-m", "celery", "--app", "saleor.celeryconf:app", "beat"),
            *("--scheduler", "saleor.schedulers.schedulers.DatabaseScheduler"),
            *("--loglevel", "INFO"),
        ],
        {"CELERY_BROKER_URL": broker.url, "CACHE_URL": broker.url},
        tmp_path,
        cwd=Path.cwd(),
    )
    run = "saleor_1c_plugin.outbox.run_regular"
    expected = {
        "1C: outbox": (run, '["outbox"]', 60),
        "1C: old messages": (run, '["old messages"]', 86400),
        "1C: exchanges": (run, '["exchanges"]', 300),
        "1C: follow-ups of the catalogue": (run, '["follow-ups of the catalogue"]', 60),
        "1C: orders nobody told of": (run, '["orders nobody told of"]', 300),
        "1C: reservations": (run, '["reservations"]', 60),
        "1C: payments": (run, '["payments"]', 60),
        "1C: registries": (run, '["registries"]', 900),
        "1C: receipts": (run, '["receipts"]', 60),
        "1C: orders without receipts": (run, '["orders without receipts"]', 300),
        "1C: text messages": (run, '["text messages"]', 300),
        "1C: events": (run, '["events"]', 60),
        "1C: orders without events": (run, '["orders without events"]', 300),
        "1C: changes in CRMs": (run, '["changes in CRMs"]', 60),
        "1C: accounts for 1C": (run, '["accounts for 1C"]', 60),
        "1C: messages to buyers": (run, '["messages to buyers"]', 60),
        "1C: tokens of Instagram": (run, '["tokens of Instagram"]', 86400),
        "1C: devices": (run, '["devices"]', 86400),
    }
    try:
        deadline = time.monotonic() + 90
        ours = CustomPeriodicTask.objects.filter(name__startswith="1C: ")
        while ours.count() < len(expected):
            beat.check()
            assert time.monotonic() < deadline, beat.tail()
            time.sleep(0.2)
    finally:
        beat.stop()
        broker.stop()
    kept = {row.name: (row.task, row.args, row.interval.every) for row in ours}
    assert kept == expected
    assert CustomPeriodicTask.objects.filter(name="expire-orders").exists(), "Saleor's own"
