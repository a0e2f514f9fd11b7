"""Who is who in RetailCRM: customers and companies that are there already."""

from typing import Any

import pytest

from saleor_1c_plugin.crm.models import Proposal
from saleor_1c_plugin.orders.models import CustomerLink
from tests.crm.conftest import links, settle
from tests.crm.standins.retailcrm import RetailCrm
from tests.receipts import sales

from .conftest import ANNA, mirrored, placed


@pytest.mark.parametrize("adds", [False, True])
def test_whoever_is_there_already_is_found(account: RetailCrm, adds: bool) -> None:
    """By a phone, however it is written; a part of it, or of an e-mail, is somebody else's."""
    account.adds_phones = adds
    account.keep("customers", firstName="Другая", email=f"x{ANNA}", phones=["+799900000001"])
    known = account.keep(
        "customers", firstName="Аня", externalId="old-7", phones=["8 (999) 000-00-00", "112"]
    )
    placed(phone="+79990000000")
    settle()
    row = account.rows["customers"][known]
    assert links("contact") == [f"{known}"]
    assert len(account.rows["customers"]) == 2
    assert (row["firstName"], row["lastName"], row["email"]) == ("Аня", "Ли", ANNA)
    assert [one["number"] for one in row["phones"]] == ["8 (999) 000-00-00", "112"]
    assert row["externalId"] == "old-7"


@pytest.mark.parametrize("adds", [False, True])
def test_another_phone_comes_beside_those_that_are_there(account: RetailCrm, adds: bool) -> None:
    account.adds_phones = adds
    known = account.keep("customers", firstName="Аня", email=ANNA, phones=["112"])
    placed(phone="+79990000000")
    settle()
    row = account.rows["customers"][known]
    assert [one["number"] for one in row["phones"]] == ["112", "+79990000000"]


def test_1c_s_id_says_who_it_is(account: RetailCrm, settings: Any) -> None:
    mirrored(settings, account, onec_field="onec")
    wanted = account.keep("customers", firstName="Анна", customFields={"onec": "uuid-of-1c"})
    account.keep("customers", firstName="Другая", email=ANNA)
    CustomerLink.objects.create(buyer=f"email:{ANNA}", onec_id="uuid-of-1c")
    sales.order()
    settle()
    assert links("contact") == [f"{wanted}"]
    assert len(account.rows["customers"]) == 2


def test_a_doubt_is_for_people(account: RetailCrm) -> None:
    first = account.keep("customers", firstName="Анна", email=ANNA)
    second = account.keep("customers", firstName="Аня", email=ANNA.upper())
    sales.order()
    settle()
    assert not account.rows["orders"]
    proposal = Proposal.objects.get()
    assert [one["id"] for one in proposal.candidates] == [f"{first}", f"{second}"]


@pytest.mark.parametrize("is_known", [False, True])
def test_a_company_is_known_by_its_inn(account: RetailCrm, is_known: bool) -> None:
    details = {"contragentType": "legal-entity", "INN": "7707083893"}
    if is_known:
        others = {"id": 8, "contragent": {"INN": "5024053441"}}
        companies = [others, {"id": 9, "contragent": details}]
        account.keep("customers-corporate", companies=companies, customerContacts=[])
    for number in range(2):
        numbers = {"ИНН": "7707083893", "КПП": "773601001"}
        placed(f"{number}@shop.example", numbers, company="ООО «Чашка»")
        settle()
    ((record, corporate),) = account.rows["customers-corporate"].items()
    companies = corporate["companies"]
    assert [one["contragent"]["INN"] for one in companies][-1] == "7707083893"
    for order in account.rows["orders"].values():
        assert order["customer"] == {"type": "customer_corporate", "id": record}
        assert order["company"] == {"id": companies[-1]["id"]}
    contacts = [one["customer"]["id"] for one in corporate["customerContacts"]]
    assert contacts == sorted(account.rows["customers"])
    assert len(account.notes(contacts[0])) == 2


def test_companies_may_be_left_out(account: RetailCrm, settings: Any) -> None:
    mirrored(settings, account, corporate="false")
    placed(metadata={"ИНН": "7707083893"}, company="ООО «Чашка»")
    settle()
    assert not account.rows["customers-corporate"]
    assert len(account.rows["orders"]) == 1
