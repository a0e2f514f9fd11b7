"""What must be so before a buyer's payment is begun; other rooms have their say in it."""

from collections.abc import Callable

from ..store.payments import Session

#: Of a gateway's id and a session: what is missing, in English, for the developer of the
#: storefront. Empty: nothing.
Condition = Callable[[str, Session], str]

_conditions: list[Condition] = []


def require(condition: Condition) -> None:
    """Have `condition` asked before every payment; called in ``AppConfig.ready()``."""
    if condition not in _conditions:
        _conditions.append(condition)


def missing(gateway: str, session: Session) -> str:
    """What the first condition that is not met wants; empty where all are."""
    return next(filter(None, (condition(gateway, session) for condition in _conditions)), "")
