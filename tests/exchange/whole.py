"""A whole exchange and what it comes to."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from .shop import Shop, State, Talk

#: Answers that tell what became of the goods.
TOLD = ("import import.xml", "import offers.xml", "complete")


@dataclass
class Outcome:
    """1C's answers, the shop and the register, the pictures."""

    said: Mapping[str, str]
    state: State
    media: Counter[str]


def exchange(shop: Shop, body: bytes, limit: int = 1 << 20) -> dict[str, str]:
    """Send the archive `body` as 1C does, in parts of `limit` bytes; what was answered."""
    talk = Talk(shop)
    talk.client.checkauth()
    talk.client.init()
    talk.send({"export.zip": body}, limit)
    for name in ("import.xml", "offers.xml"):
        talk.client.import_file(name)
    talk.client.deactivate()
    talk.client.complete()
    return {request: talk.said[request] for request in TOLD}


def outcome(shop: Shop, said: Mapping[str, str]) -> Outcome:
    shop.wait_for_follow_ups()
    return Outcome(said, shop.state(), shop.files("media"))


def check_again(shop: Shop, body: bytes, expected: Outcome) -> None:
    """Send `body` once more: nothing may be left to do, and all be as in `expected`."""
    again = outcome(shop, exchange(shop, body))
    assert all("создано 0, обновлено 0, скрыто 0" in said for said in again.said.values())
    differences = [
        difference
        for table, rows in expected.state.items()
        for difference in _differences(table, rows, again.state[table])
    ]
    assert not differences, "\n".join(differences)
    assert again.media == expected.media
    shop.check_register()
    # All that is active was seen in this last exchange.
    assert not shop.rows(
        "SELECT kind, onec_id FROM onec_catalog_registerentry WHERE state = 'active' AND "
        "kind IN ('product', 'offer') AND last_seen < "
        "(SELECT max(started) FROM onec_exchange_exchange)"
    )


def _differences(table: str, expected: Counter[str], found: Counter[str]) -> Iterator[str]:
    """Of rows that are not alike, the columns that are not; of one that has no like, all."""
    missing, more = sorted((expected - found).elements()), sorted((found - expected).elements())
    for one, other in zip_longest(missing, more):
        before, after = json.loads(one or "{}"), json.loads(other or "{}")
        names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        told = (f"{name}: {before.get(name)!r} → {after.get(name)!r}" for name in names)
        yield f"{table}: {', '.join(told)}"
