"""Corporate customers, each with the company that pays."""

from collections.abc import Mapping

from ..adapter import Company, Deal
from .client import Client, Params


def find(client: Client, wanted: Params, company: Company) -> list[str]:
    """Corporate customers with the company that has the ИНН: "<id>/<id of the company>"."""
    found = []
    for row in list(client.records("customers-corporate", "customersCorporate", wanted)):
        record = row.get("id")
        path = f"customers-corporate/{record}/companies"
        for one in client.one(path).sure().rows("companies"):
            details = one.get("contragent")
            if isinstance(details, Mapping) and str(details.get("INN")) == company.inn:
                found.append(f"{record}/{one.get('id')}")
                break
    return found


def join(client: Client, deal: Deal) -> bool:
    """Have a buyer among the people of the company that pays: its orders may name no others.

    Returns
    -------
    bool
        Whether the company is there.
    """
    corporate = deal.company.partition("/")[0]
    path = f"customers-corporate/{corporate}/contacts"
    asked = client.one(path, {"filter[contactIds][]": [deal.contact]})
    if asked.is_not_found:
        return False
    if asked.sure().rows("contacts"):
        return True
    contact = {"isMain": False, "customer": {"id": int(deal.contact)}}
    client.post(f"{path}/create", {"by": "id", "contact": contact}).sure()
    return True
