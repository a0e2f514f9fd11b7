"""Links of deals with people, companies and goods: those of many deals by one call."""

from collections.abc import Mapping, Sequence
from typing import Any

from .client import MOST_WRITTEN, Client, Params

#: Of a deal (``entity_id``) with another record.
type Tie = Mapping[str, Any]


def tie(record: str, other: int, of: str, **about: int) -> Tie:
    """Of a deal with another record.

    Parameters
    ----------
    of
        Type of the other one, as amoCRM names it.
    about
        Of the link: the list of an element, and how many of it.
    """
    made = {"entity_id": int(record), "to_entity_id": other, "to_entity_type": of}
    return {**made, "metadata": about} if about else made


def link(client: Client, ties: Sequence[Tie]) -> dict[str, str]:
    """Have these; deal → what amoCRM says against it. Again does no harm."""
    return _done(client, "leads/link", ties)


def unlink(client: Client, ties: Sequence[Tie]) -> dict[str, str]:
    """Have these no more; as above."""
    return _done(client, "leads/unlink", ties)


def counts(client: Client, records: Sequence[str], catalog: int) -> dict[str, dict[int, int]]:
    """Deal → element of a list → how many of it."""
    found: dict[str, dict[int, int]] = {}
    for start in range(0, len(records), MOST_WRITTEN):
        part = records[start : start + MOST_WRITTEN]
        asked: Params = [
            *((f"filter[entity_id][{place}]", record) for place, record in enumerate(part)),
            ("filter[to_catalog_id]", catalog),
        ]
        for row in client.pages("leads/links", "links", asked):
            about = row.get("metadata")
            about = about if isinstance(about, Mapping) else {}
            if str(about.get("catalog_id")) == str(catalog):
                there = found.setdefault(str(row.get("entity_id")), {})
                there[int(row["to_entity_id"])] = int(about.get("quantity") or 0)
    return found


def _done(client: Client, path: str, ties: Sequence[Tie]) -> dict[str, str]:
    problems: dict[str, str] = {}
    for start in range(0, len(ties), MOST_WRITTEN):
        part = ties[start : start + MOST_WRITTEN]
        said = client.post(path, part).let_in()
        if not said.problem:
            continue
        records = {str(one["entity_id"]) for one in part}
        if len(records) == 1:
            problems |= dict.fromkeys(records, said.problem)
            continue
        # It does not say whose is at fault.
        for record in sorted(records):
            problems |= _done(
                client, path, [one for one in part if f"{one['entity_id']}" == record]
            )
    return problems
