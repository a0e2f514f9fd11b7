"""What a CRM tells of what its people have done there: the part of a :class:`~.adapter.System` that
brings it back.

It is asked now and then which records were touched, and then for these as they are at that moment,
while nobody else writes them: so what is read can't be older than what we have written last. A
webhook of the CRM's only has it asked sooner: one that is forged or lost changes nothing.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest

from .adapter import Kind, System


@dataclass(frozen=True, slots=True)
class Touched:
    """A contact or a deal that somebody has written: its people, or we."""

    kind: Kind
    id: str
    #: Another one each time: the record is not read again while it is the same. Empty: always.
    version: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    touched: tuple[Touched, ...]
    #: Of the next question; up to 1000 signs.
    cursor: str
    #: There is more at once.
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class Responsible:
    """Who is in charge of a record. All empty: nobody."""

    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody has written into the timeline of a deal."""

    #: Unique among those of the CRM; as :meth:`~.adapter.System.note` answers for ours.
    id: str
    #: Plain text. Ours end with their mark, and so are known.
    text: str
    at: datetime
    #: Name of whoever has written it.
    author: str = ""


@dataclass(frozen=True, slots=True)
class DealThere:
    """A deal as it is there."""

    id: str
    #: As the setting ``stages`` names it, see :attr:`~.adapter.Deal.stage`.
    stage: str
    #: For people.
    stage_name: str = ""
    responsible: Responsible = Responsible()
    tags: tuple[str, ...] = ()
    #: The newest of the timeline, in any order; those that are older than `since` may be left out.
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactThere:
    """A contact as it is there; e-mail addresses never come back."""

    id: str
    first_name: str = ""
    last_name: str = ""
    #: As they are written there, the main one first.
    phones: tuple[str, ...] = ()
    responsible: Responsible = Responsible()
    tags: tuple[str, ...] = ()


class Returning(System):
    """A CRM that tells what its people do. Records that are gone are left out of its answers.

    Its settings have those of :class:`~.back_settings.BackSettings`, too.
    """

    @abstractmethod
    def changed(self, saved: Mapping[str, object], cursor: str) -> Changes:
        """Contacts and deals that were touched, each once; about fifty at a time.

        More rather than less: what was seen already is known by its version, and by what it is.
        What we have written ourselves is not left out.

        Parameters
        ----------
        cursor
            As answered last; ``""``: the first time, then nothing was touched, and the answer has
            the cursor of now.
        """

    @abstractmethod
    def deals_there(
        self, saved: Mapping[str, object], records: Sequence[str], since: datetime
    ) -> list[DealThere]:
        """These deals as they are now.

        Parameters
        ----------
        since
            Comments that are older are not wanted.
        """

    @abstractmethod
    def contacts_there(
        self, saved: Mapping[str, object], records: Sequence[str]
    ) -> list[ContactThere]:
        """These contacts as they are now."""

    @abstractmethod
    def is_genuine(self, saved: Mapping[str, object], request: HttpRequest, path: str) -> bool:
        """Whether a webhook is the CRM's.

        Parameters
        ----------
        path
            What follows the address ``…/changed``, without slashes around it: for CRMs that sign
            nothing a secret can stand there.
        """
