"""What applying a batch leads to, gathered first and made known when the batch stands."""

from collections import Counter
from dataclasses import dataclass, field

from ..commerceml.model import ItemKind
from ..report import Level, Outcome, Report
from ..store.ports import FollowUps
from . import register
from .register import Entry, TradeRow


@dataclass(frozen=True, slots=True)
class Problem:
    level: Level
    message: str
    kind: ItemKind
    object_id: str
    name: str
    line: int


@dataclass(slots=True)
class Effects:
    """Counts, problems, register rows and follow-ups of writes that may still be rolled back."""

    entries: list[Entry] = field(default_factory=list)
    trades: list[TradeRow] = field(default_factory=list)
    follow_ups: FollowUps = field(default_factory=FollowUps)
    counts: Counter[tuple[ItemKind, Outcome]] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def problem(
        self,
        level: Level,
        message: str,
        kind: ItemKind,
        object_id: str,
        name: str = "",
        line: int = 0,
    ) -> None:
        self.problems.append(Problem(level, message, kind, object_id, name, line))

    def count(self, kind: ItemKind, outcome: Outcome) -> None:
        self.counts[kind, outcome] += 1

    def save(self) -> None:
        """Write the register's rows; in the transaction of the shop's own."""
        register.save(self.entries)
        register.save_trade(self.trades)

    def tell(self, report: Report) -> None:
        """Make the counts and problems known."""
        for (kind, outcome), times in self.counts.items():
            report.count(kind, outcome, times)
        for item in self.problems:
            report.problem(
                item.level,
                item.message,
                kind=item.kind.value,
                object_id=item.object_id,
                name=item.name,
                line=item.line,
            )
