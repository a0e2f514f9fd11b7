"""Documents of other rooms that 1C keeps among the store's orders.

A source names the prefix of its documents' ids, counts their changes with
:func:`.news.changed` and reads them as orders. All the rest is done for them as for orders: they
are given until 1C has confirmed them, pushed, compared by digest, withdrawn as cancelled. What 1C
sends back about them is the source's to answer: no order of the store's is made or changed by it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from ..commerceml.documents import Document
from ..store.orders import Named, Order


@dataclass(frozen=True, slots=True)
class SourcedOrder:
    """A document as an order, with what an order has no place for.

    Parameters
    ----------
    order
        Cancelled where the document is to be withdrawn: one that 1C never had is not told of then.
    status
        What 1C maps it by; ``None``: the order's own.
    requisites
        Further ones, which stand instead of the order's of the same name.
    """

    order: Order
    status: Named | None = None
    requisites: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SourcedDocument:
    """A document that is no order; its rate is that of the settings for its currency."""

    document: Document


class Source(Protocol):
    #: What it calls its documents, in 1C operator's words: "бронь".
    name: str
    #: Ids of its documents begin so; whole, they have at most the 40 signs that the schema allows.
    prefix: str
    #: Whether a mark for deletion that 1C sets on one of its documents means something.
    is_withdrawn_by_deletion: bool

    def read(
        self, document_ids: Sequence[str], zone: ZoneInfo
    ) -> Mapping[str, SourcedOrder] | Mapping[str, SourcedDocument]:
        """The documents as they are at this moment; those that are gone are left out.

        The number of database queries does not depend on how many are asked for. `zone` is the
        one in which documents are dated.
        """

    def changed_by_time(self) -> Collection[str]:
        """Documents that 1C has, and that time alone has changed since they were counted last."""

    def statuses(self) -> Sequence[Named]:
        """Those that its documents may have, for 1C's dialog that maps them."""

    def delete(self, document_id: str) -> bool:
        """Do what it means that 1C has marked the document for deletion; whether it was anything.

        Called in a transaction.
        """


_sources: list[Source] = []


def register(source: Source) -> None:
    """Have `source`'s documents go to 1C; called in ``AppConfig.ready()``."""
    if all(known.prefix != source.prefix for known in _sources):
        _sources.append(source)


def source_of(document_id: str) -> Source | None:
    """The source of a document; ``None`` for an order of the store's."""
    return next((one for one in _sources if document_id.startswith(one.prefix)), None)


def orders_among(ids: Collection[str]) -> list[str]:
    """Those of the ids that are the store's own orders'."""
    return [one for one in ids if source_of(one) is None]


def read(ids: Sequence[str], zone: ZoneInfo) -> Mapping[str, SourcedOrder | SourcedDocument]:
    """Those of the documents that come from a source."""
    found: dict[str, SourcedOrder | SourcedDocument] = {}
    for source in _sources:
        if theirs := [one for one in ids if one.startswith(source.prefix)]:
            found |= source.read(theirs, zone)
    return found


def changed_by_time() -> Iterator[Collection[str]]:
    """What time alone has changed, source by source."""
    return (source.changed_by_time() for source in _sources)


def statuses() -> list[Named]:
    """Statuses that orders of the store's don't have."""
    return [status for source in _sources for status in source.statuses()]
