"""Which time of which registry is loaded: elsewhere, what is missing in it says nothing."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

#: Provider and account.
Account = tuple[str, str]


class Coverage:
    """Periods that are loaded, account by account.

    Parameters
    ----------
    loaded
        (account, beginning, end); they may overlap.
    """

    def __init__(self, loaded: Iterable[tuple[Account, datetime, datetime]]) -> None:
        self._periods: defaultdict[Account, list[tuple[datetime, datetime]]] = defaultdict(list)
        for account, since, until in sorted(loaded):
            periods = self._periods[account]
            if periods and since <= periods[-1][1]:
                periods[-1] = periods[-1][0], max(periods[-1][1], until)
            else:
                periods.append((since, until))

    def has(self, account: Account, moment: datetime) -> bool:
        return any(since <= moment < until for since, until in self._periods.get(account, ()))

    def has_all(self, account: Account, since: datetime, until: datetime) -> bool:
        """Whether the whole of a period is loaded."""
        periods = self._periods.get(account, ())
        return any(begins <= since and until <= ends for begins, ends in periods)
