"""RetailCRM's settings, and what an account says to them."""

from typing import Any

import pytest

from saleor_1c_plugin.configuration import SettingsError
from saleor_1c_plugin.crm.adapter import Denied
from saleor_1c_plugin.crm.retailcrm.client import Client
from saleor_1c_plugin.crm.retailcrm.settings import RetailCrmSettings
from saleor_1c_plugin.crm.retailcrm.system import RetailCrm as System
from saleor_1c_plugin.outbox.models import Pace
from saleor_1c_plugin.outbox.tasks import deliver_pending
from tests.crm.conftest import settle
from tests.crm.standins.retailcrm import KEY, RetailCrm
from tests.receipts import sales

from .conftest import ANNA, mirrored, saved


def faults(**values: object) -> dict[str, str]:
    given = {"address": "https://shop.retailcrm.ru", "api_key": KEY, **values}
    with pytest.raises(SettingsError) as caught:
        RetailCrmSettings.from_configuration(given, complete=False)
    return caught.value.faults


@pytest.mark.parametrize(
    "address",
    [
        "http://shop.retailcrm.ru",
        "https://shop.retailcrm.ru/api",
        "https://user@shop.retailcrm.ru",
        "ftp://shop.retailcrm.ru",
    ],
)
def test_only_an_address_of_an_account_is_taken(address: str) -> None:
    assert set(faults(address=address)) == {"address"}


def test_settings_that_can_t_be_used_are_named() -> None:
    assert set(faults(api_key="a\r\nX: b")) == {"api_key"}
    assert set(faults(stages="sent = complete")) == {"stages"}
    assert set(faults(onec_field="a]b")) == {"onec_field"}
    assert set(faults(currency="р.")) == {"currency"}
    assert set(faults(time_zone="Мск")) == {"time_zone"}
    assert set(faults(hook_secret="short")) == {"hook_secret"}
    assert set(faults(back_minutes="x")) == {"back_minutes"}
    values = {"api_key": KEY, "hook_secret": "hooksecret012345"}
    shown = repr(RetailCrmSettings.from_configuration(values, complete=False))
    assert KEY not in shown
    assert "hooksecret" not in shown


def test_it_says_whether_it_lets_us_in(account: RetailCrm) -> None:
    given = saved(account)
    assert "shop" in System().check({**given, "payment_type": "bank-card", "onec_field": "onec"})
    for wrong, named in (
        ({"stages": "shipped = sent"}, "sent"),
        ({"payment_type": "cash"}, "cash"),
        ({"payment_type": "bank-card", "payment_status": "done"}, "done"),
        ({"onec_field": "other"}, "other"),
        ({"site": "elsewhere"}, "elsewhere"),
        ({"currency": "USD"}, "USD"),
    ):
        with pytest.raises(Denied, match=named):
            System().check({**given, **wrong})
    account.sites.append("second")
    with pytest.raises(Denied, match="second"):
        System().check(given)
    account.is_closed = True
    with pytest.raises(Denied) as caught:
        System().check(given)
    assert KEY not in str(caught.value)


def test_it_is_not_asked_too_often(transactional_db: None, settings: Any) -> None:
    """By the documented limit, which holds in every second: others use it, too."""
    with RetailCrm() as account:
        mirrored(settings, account, per_second="9")
        values = {"address": account.address, "api_key": KEY, "per_second": "9"}
        client = Client(RetailCrmSettings.from_configuration(values, complete=False))
        for _ in range(21):
            client.get("users")
        assert account.limited == 0
        account.per_second = 0
        Pace.objects.all().delete()
        sales.order(email=ANNA)
        deliver_pending()
        assert account.limited >= 1
        assert not account.rows["customers"]
        account.per_second = 10**6
        settle()
        assert len(account.rows["customers"]) == len(account.rows["orders"]) == 1
