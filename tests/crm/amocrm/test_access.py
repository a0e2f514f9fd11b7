"""Tokens that are renewed: once, in time, by one worker, and kept where nobody reads them."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from saleor_1c_plugin import sealed
from saleor_1c_plugin.crm.amocrm import access
from saleor_1c_plugin.crm.amocrm.models import Access
from saleor_1c_plugin.crm.amocrm.settings import AmoCrmSettings
from saleor_1c_plugin.crm.models import Turn
from saleor_1c_plugin.outbox.errors import Retry
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.outbox.tasks import deliver_pending
from saleor_1c_plugin.sandbox.standins.faults import Fault
from tests.crm.conftest import settle
from tests.crm.standins.amocrm import CLIENT, CODE, AmoCrm
from tests.receipts import sales

from .conftest import mirrored


@pytest.fixture
def oauth(account: AmoCrm, settings: Any) -> AmoCrmSettings:
    values = {"token": "", **CLIENT, "code": CODE}
    mirrored(settings, account, **values)
    return AmoCrmSettings.from_configuration(settings.ONEC_CONFIGURATION["amocrm"], complete=False)


def half_over() -> None:
    """Half of the token's day has passed."""
    Access.objects.update(renew=timezone.now())


def over(account: AmoCrm) -> None:
    """The whole day has passed."""
    account.access.clear()
    Access.objects.update(renew=timezone.now(), expires=timezone.now())


def test_orders_come_by_a_code(oauth: AmoCrmSettings, account: AmoCrm) -> None:
    sales.order()
    settle()
    assert len(account.rows["leads"]) == 1
    over(account)
    sales.order()
    settle()
    assert len(account.rows["leads"]) == 2
    # One pair is good, and it is the one that is kept.
    assert account.refresh == {access._tokens(Access.objects.get())["refresh"]}


def test_what_is_kept_is_sealed(oauth: AmoCrmSettings, settings: Any) -> None:
    token = access.token(oauth)
    row = Access.objects.get()
    assert token not in row.tokens
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert access.token(oauth) == token
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(sealed.Unreadable):
        sealed.opened(row.tokens)
    with pytest.raises(access.NoAccess, match="SECRET_KEY"):
        access.token(oauth)


def test_one_worker_renews(oauth: AmoCrmSettings, account: AmoCrm) -> None:
    """Otherwise the second one would use up what works once, and close the shop out."""
    access.token(oauth)
    for pass_time in (half_over, lambda: over(account)):
        pass_time()
        before = len(account.exchanges)
        found: list[str] = []
        workers = [threading.Thread(target=_ask, args=[oauth, found]) for _ in range(6)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert len(account.exchanges) == before + 1
        assert len(account.refresh) == 1
        assert found
        assert access.token(oauth) in account.access


def _ask(settings: AmoCrmSettings, found: list[str]) -> None:
    try:
        found.append(access.token(settings))
    except Retry:
        pass
    finally:
        connections.close_all()


def test_a_token_that_is_refused_is_renewed(oauth: AmoCrmSettings, account: AmoCrm) -> None:
    """amoCRM says so before its time is over."""
    access.token(oauth)
    account.access.clear()
    sales.order()
    settle()
    assert len(account.rows["leads"]) == 1


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.UNHEARD])
def test_a_renewal_that_was_not_heard_is_tried_again(
    oauth: AmoCrmSettings, account: AmoCrm, fault: Fault
) -> None:
    token = access.token(oauth)
    half_over()
    account.faults.script.append(fault)
    assert access.token(oauth) == token
    half_over()
    assert access.token(oauth) != token


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.DROPPED, Fault.CUT])
def test_a_renewal_whose_answer_is_lost_closes_nobody_out_for_half_a_day(
    oauth: AmoCrmSettings, account: AmoCrm, fault: Fault, caplog: Any
) -> None:
    token = access.token(oauth)
    half_over()
    account.faults.script.append(fault)
    assert access.token(oauth) == token
    half_over()
    # The refresh token is used up by now: that is said long before anything stands still.
    assert access.token(oauth) == token
    assert "Token has been revoked" in caplog.text
    assert token not in caplog.text
    over(account)
    sales.order()
    deliver_pending()
    (reason,) = {
        row.reason for row in Message.objects.filter(topic="crm.amocrm").exclude(reason="")
    }
    assert "authorisation code" in reason


def test_a_new_code_opens_the_door_again(
    oauth: AmoCrmSettings, account: AmoCrm, settings: Any
) -> None:
    access.token(oauth)
    over(account)
    account.refresh.clear()
    with pytest.raises(access.NoAccess):
        access.token(oauth)
    account.codes.add("another")
    mirrored(settings, account, token="", **CLIENT, code="another")
    sales.order()
    settle()
    assert len(account.rows["leads"]) == 1


def test_a_worker_that_dies_while_it_renews(
    oauth: AmoCrmSettings, account: AmoCrm, monkeypatch: Any
) -> None:
    token = access.token(oauth)
    half_over()

    def dies(*_args: Any, **_given: Any) -> Any:
        raise SystemError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(access, "exchange", dies)
        patch.setattr(Turn.objects, "filter", dies)
        with pytest.raises(SystemError):
            access.token(oauth)
    # Its turn is still there: the others go on with what works.
    assert Turn.objects.exists()
    assert access.token(oauth) == token
    Turn.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert access.token(oauth) != token


def test_a_new_pair_is_kept_before_it_is_used(
    oauth: AmoCrmSettings, account: AmoCrm, monkeypatch: Any
) -> None:
    access.token(oauth)
    over(account)
    real = access._kept

    def dies(*args: Any) -> str:
        real(*args)
        raise SystemError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(access, "_kept", dies)
        with pytest.raises(SystemError):
            access.token(oauth)
    assert access.token(oauth) in account.access
