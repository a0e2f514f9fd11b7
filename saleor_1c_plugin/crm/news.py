"""What is new about a record of a CRM's, against what was seen of it last. Pure.

What we have written ourselves is no news: a stage that we have moved a deal to is known from the
link, and entries of the timeline by their ids or their marks.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..orders.customers import normal_phone
from .returning import Comment, ContactThere, DealThere, Responsible

#: Ours end so, see :func:`.portraits.mark`.
_OURS = re.compile(r"#[0-9a-f]{12}\s*$")

#: Seconds: many clocks are in whole ones, and a record may be changed twice in one.
_SURE_AFTER = 5.0
#: Clocks of CRMs are not quite ours.
_SKEW = timedelta(minutes=5)

#: What is kept of a record: plain JSON.
type Seen = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """How a customer is called; ``None``: nobody has changed that."""

    first_name: str | None = None
    last_name: str | None = None


def stage(there: DealThere, ours: str, seen: Seen) -> bool:
    """Whether people have moved a deal.

    Parameters
    ----------
    ours
        The stage that we have moved it to last.
    """
    moved_by_us = ours and ours != seen.get("ours")
    known = ours if moved_by_us else seen.get("stage", ours)
    # A deal that we have left where the CRM made it has been moved by nobody.
    return bool(known and there.stage and there.stage != known)


def responsible(there: Responsible, seen: Seen) -> bool:
    """Whether somebody else is in charge now; who is it at first is no news."""
    known = seen.get("responsible")
    return bool(known is not None and known != there.id)


def tags(there: Sequence[str], seen: Seen) -> bool:
    """Whether the tags are others; at first, whether there are any."""
    return bool(sorted(there) != seen.get("tags", []))


def comments(there: Sequence[Comment], since: datetime, known: Collection[str]) -> list[Comment]:
    """What people have written, the oldest first.

    Parameters
    ----------
    since
        What is older is not told.
    known
        Ids of those that were taken before, or that are ours.
    """
    new = [
        one
        for one in there
        if one.at >= since - _SKEW and one.id not in known and not _OURS.search(one.text)
    ]
    return sorted(new, key=lambda one: (one.at, one.id))


def names(there: ContactThere, seen: Seen) -> Names:
    """What people have changed of how a contact is called since it was seen last."""
    if "phones" not in seen:
        return Names()
    first, last = there.first_name.strip(), there.last_name.strip()
    return Names(
        first_name=first if first and first != seen.get("first_name") else None,
        last_name=last if last and last != seen.get("last_name") else None,
    )


def phone(there: ContactThere, seen: Seen, known: str, of_orders: Collection[str]) -> str | None:
    """The phone that people have given a contact instead of the account's, or where it had none.

    Parameters
    ----------
    known
        The account's: it stays while the contact has it, too.
    of_orders
        Those in orders: them we write there ourselves.
    """
    if "phones" not in seen:
        return None
    phones, own = normal_phones(there), normal_phone(known)
    if own:
        replaced = own in seen["phones"] and own not in phones
        return phones[0] if replaced and phones else None
    new = [one for one in phones if one not in seen["phones"] and one not in of_orders]
    return new[0] if new and not seen["phones"] else None


def is_known(version: str, seen: Seen) -> bool:
    """Whether a record need not be read again."""
    return bool(version and version == seen.get("version") and seen.get("is_sure"))


def of_version(version: str, seen: Seen, now: float) -> dict[str, Any]:
    """What is kept of a version: it is sure once it was read again, after a while.

    Parameters
    ----------
    now
        In seconds.
    """
    read = seen.get("read", now) if version == seen.get("version") else now
    return {"version": version, "read": read, "is_sure": now - read >= _SURE_AFTER}


def of_deal(there: DealThere, ours: str) -> dict[str, Any]:
    """What is kept of a deal that was seen."""
    return {
        "stage": there.stage,
        "ours": ours,
        "responsible": there.responsible.id,
        "tags": sorted(there.tags),
    }


def of_contact(there: ContactThere) -> dict[str, Any]:
    """What is kept of a contact that was seen."""
    return {
        "first_name": there.first_name.strip(),
        "last_name": there.last_name.strip(),
        "phones": normal_phones(there),
        "responsible": there.responsible.id,
        "tags": sorted(there.tags),
    }


def normal_phones(there: ContactThere) -> list[str]:
    """In E.164, each once; what is no number is left out."""
    return list(dict.fromkeys(filter(None, map(normal_phone, there.phones))))
