"""A file's nodes in batches, each of one kind."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from ..commerceml.items import Item
from ..commerceml.model import ItemKind
from ..commerceml.reader import Node, ValueFault

#: Objects a transaction. Larger is not faster by much; smaller loses less at a crash.
BATCH = 1000
#: What a catalogue is not made of.
_OTHERS = {ItemKind.PACKAGE, ItemKind.CLASSIFIER, ItemKind.DOCUMENT, ItemKind.COUNTERPARTY}


def without_repetition(nodes: Sequence[Node]) -> Iterator[Sequence[Node]]:
    """Runs in which no object comes twice: a later one must meet what an earlier one has done."""
    run: dict[str, Node] = {}
    for node in nodes:
        if node.id in run:
            yield list(run.values())
            run = {}
        run[node.id] = node
    if run:
        yield list(run.values())


def batches(nodes: Iterator[Node]) -> Iterator[tuple[ItemKind, list[Node]]]:
    """Runs of nodes of one kind; groups whole, since a tree is placed as a whole."""
    for kind, run in groupby(nodes, key=lambda node: node.kind):
        if kind in _OTHERS:
            for _ in run:
                continue
            continue
        batch: list[Node] = []
        for node in run:
            if kind not in (ItemKind.PRODUCT, ItemKind.OFFER):
                # Only goods outlive the scan's next step: the others are read right away.
                node = _Kept(node)
            batch.append(node)
            if len(batch) >= BATCH and kind is not ItemKind.GROUP:
                yield kind, batch
                batch = []
        if batch:
            yield kind, batch


class _Kept(Node):
    """A node of the classifier, read at once."""

    __slots__ = ("_fault", "_item")

    def __init__(self, node: Node) -> None:
        super().__init__(node.kind, node.id, node.line, node.element)
        self._raw = node.raw
        self._fault: ValueFault | None = None
        try:
            self._item = node.parse()
        except ValueFault as fault:
            self._fault = fault
        self._element = None

    def parse(self) -> Item:
        if self._fault is not None:
            raise self._fault
        return self._item
