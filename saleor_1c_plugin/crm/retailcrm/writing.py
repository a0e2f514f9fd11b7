"""Making and changing records: one by itself, more of them by uploads."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..adapter import Written
from .client import MOST_UPLOADED, Client

#: Said of whatever was made, and can't be named.
NO_ID = "RetailCRM has not said the id of what it has made"


def by_id(client: Client, kind: str, records: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Records of a kind by their ids; those that are gone are not among them."""
    if not records:
        return {}
    rows = client.records(kind, kind, {"filter[ids][]": records})
    return {str(row.get("id")): row for row in rows}


def make(
    client: Client, names: tuple[str, str], records: Sequence[dict[str, Any]]
) -> list[Written]:
    """Make records.

    Parameters
    ----------
    names
        Of their kind, and of one of them.
    """
    kind, name = names
    ids: dict[str, str] = {}
    if len(records) > 1:
        for start in range(0, len(records), MOST_UPLOADED):
            ids |= _upload(client, kind, records[start : start + MOST_UPLOADED])
    written = []
    for record in records:
        known = ids.get(record["externalId"])
        if known:
            written.append(Written(known))
            continue
        # What an upload says against one of many does not say which one.
        said = client.post(f"{kind}/create", {name: record}).let_in()
        problem = said.problem or ("" if said.id else NO_ID)
        written.append(Written(problem=problem) if problem else Written(said.id))
    return written


def edit(client: Client, path: str, values: dict[str, Any], record: str) -> Written:
    """Change a record."""
    said = client.post(path, {"by": "id", **values}).let_in()
    if said.is_not_found:
        return Written(is_gone=True)
    return Written(problem=said.problem) if said.problem else Written(record)


def _upload(client: Client, kind: str, records: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Our keys → ids of what was made."""
    said = client.post(f"{kind}/upload", {kind: records}).let_in()
    rows = said.rows(f"uploaded{kind.capitalize()}")
    ids = {str(row.get("externalId")): str(row.get("id")) for row in rows}
    missing = [key for one in records if (key := one["externalId"]) not in ids]
    if missing:
        there = client.records(kind, kind, {"filter[externalIds][]": missing})
        ids |= {str(row.get("externalId")): str(row.get("id")) for row in there}
    return ids
