"""Whoever wants it is forgotten in RetailCRM, as far as its API goes."""

from saleor_1c_plugin.crm import erasing
from saleor_1c_plugin.crm.models import Mark
from saleor_1c_plugin.outbox.models import Message
from saleor_1c_plugin.sandbox.standins.faults import Fault
from tests.crm.conftest import links, settle
from tests.crm.standins.retailcrm import RetailCrm

from .conftest import ANNA, order_of, placed


def test_whoever_wants_it_is_forgotten(account: RetailCrm) -> None:
    order = placed(phone="+79990000000")
    settle()
    ((customer, row),) = account.rows["customers"].items()
    # The answer to the last of it is lost, and all is done once more.
    account.faults.script += [None, None, None, None, Fault.LOST]
    assert erasing.erase(email=ANNA) == 1
    settle()
    _record, there = order_of(account, order)
    for word in (ANNA, "9990000000", "Анна", "Ли"):
        assert word not in str([row, there, account.notes(customer)])
    assert there["status"] == "client-confirmed"
    assert len(there["items"]) == 1
    assert not account.notes(customer)
    assert not Mark.objects.exists()
    assert not links("contact")


def test_whoever_buys_for_a_company_is_forgotten_too(account: RetailCrm) -> None:
    order = placed(metadata={"ИНН": "7707083893"}, company="ООО «Чашка»", phone="+79990000000")
    settle()
    erasing.erase(email=ANNA)
    settle()
    _record, there = order_of(account, order)
    for word in (ANNA, "9990000000", "Анна"):
        assert word not in str([there, account.rows["customers"], account.rows["notes"]])
    assert "7707083893" in str(account.rows["customers-corporate"])


def test_phones_that_can_t_be_taken_out_are_told(account: RetailCrm) -> None:
    account.adds_phones = True
    placed(phone="+79990000000")
    settle()
    ((customer, _row),) = account.rows["customers"].items()
    erasing.erase(email=ANNA)
    settle()
    (dead,) = Message.objects.filter(state=Message.State.DEAD)
    assert f"{customer}" in dead.reason
