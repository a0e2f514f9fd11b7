"""What other rooms have to say in the documents of orders: further requisites.

Whoever has something new to say of an order counts its change with :func:`..news.changed`.
"""

from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

Requisites = tuple[tuple[str, str], ...]
#: Takes the ids of orders and the zone of the documents; the number of its database queries does
#: not depend on how many orders there are.
Add = Callable[[Sequence[str], ZoneInfo], Mapping[str, Requisites]]

_adds: list[Add] = []


def register(add: Add) -> None:
    """Have `add` asked for every order that is given to 1C; called in ``AppConfig.ready()``."""
    if add not in _adds:
        _adds.append(add)


def read(order_ids: Sequence[str], zone: ZoneInfo) -> Mapping[str, Requisites]:
    """Order → its further requisites."""
    found: dict[str, Requisites] = {}
    for add in _adds if order_ids else ():
        for order_id, requisites in add(order_ids, zone).items():
            found[order_id] = (*found.get(order_id, ()), *requisites)
    return found
