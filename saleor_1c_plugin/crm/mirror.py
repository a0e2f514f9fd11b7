"""Writing customers, orders and events into a CRM, each once.

Whoever calls has a turn with the people that he writes, see :mod:`.turns`. A record has a key of
ours from its making on, and is looked for by it before it is made: an answer that was lost, or a
worker that died, costs a question and makes nothing twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..outbox.errors import Refused, Retry
from . import portraits, proposals
from .adapter import Company, Contact, Deal, Found, Kind, System, Written
from .matching import match
from .models import Link, Proposal
from .settings import CrmSettings
from .turns import turn

Of = Link.Of

#: Seconds until somebody else has ended.
BUSY = 5.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What a customer is in the CRM."""

    id: str = ""
    #: A person has to decide that first.
    is_doubtful: bool = False
    problem: str = ""


class Mirror:
    """A CRM that is switched on.

    Parameters
    ----------
    saved
        Settings of its plugin.
    settings
        Of all CRMs.
    """

    def __init__(self, system: System, saved: Mapping[str, object], settings: CrmSettings) -> None:
        self.system = system
        self.saved = saved
        self.settings = settings
        #: State of an order → stage of its deal.
        self.stages = system.stages_of(saved)

    def contacts(self, wanted: Sequence[Contact], *, complete: bool = True) -> dict[str, Standing]:
        """Have these customers there; by their keys.

        Parameters
        ----------
        complete
            Add what is known of those that are there already.
        """
        links = self._links(Of.CONTACT, [one.key for one in wanted])
        known = {one.key: links[one.key] for one in wanted if one.key in links}
        standing = {key: Standing(row.theirs) for key, row in known.items()}
        stale = [one for one in wanted if one.key in known and complete]
        for new in _without_common_phones([one for one in wanted if one.key not in known]):
            standing |= self._meet(new)
            stale += [one for one in new if standing[one.key].id]
        self._complete(stale)
        return standing

    def company(self, company: Company) -> str:
        """Id of a company there, made where it is new; ``""``: none, or a person has to decide."""
        if not self.system.keeps_companies(self.saved):
            return ""
        name = self.system.name
        with turn(name, [company.key]) as mine:
            if not mine:
                raise Retry("The company is being written", after=BUSY)
            links = self._links(Of.COMPANY, [company.key])
            if company.key in links:
                return links[company.key].theirs
            decided = self._decisions(Of.COMPANY, [company.key]).get(company.key)
            if decided is False:
                return ""
            found = self.system.find_company(self.saved, company)
            if decided:
                found = Found(found.own)
            known = self._known(Of.COMPANY, company.key, found)
            if known is None:
                return ""
            written = Written(known) if known else self.system.make_company(self.saved, company)
            if written.problem:
                raise Refused(written.problem)
            self._link(Of.COMPANY, company.key, written.id)
            return written.id

    def deals(self, wanted: Sequence[Deal]) -> dict[str, Written]:
        """Have these orders there as they are now; by their keys.

        A stage is changed only when the order's state has: where the CRM's people have moved the
        deal themselves since, it stays.
        """
        links = self._links(Of.DEAL, [deal.key for deal in wanted])
        new = [deal for deal in wanted if deal.key not in links]
        written: dict[str, Written] = {}
        if new:
            ids = self.system.find_deals(self.saved, [deal.key for deal in new])
            for deal, record in zip(new, ids, strict=True):
                if record:
                    links[deal.key] = self._link(Of.DEAL, deal.key, record)
            missing = [deal for deal in new if deal.key not in links]
            made = self.system.make_deals(self.saved, missing) if missing else []
            for deal, one in zip(missing, made, strict=True):
                written[deal.key] = one
                if one.id:
                    self._link(Of.DEAL, deal.key, one.id, _of(deal), deal.stage)
                elif one.is_gone:
                    self._nobody(deal)
        changed = [
            (row, deal)
            for deal in wanted
            if (row := links.get(deal.key)) is not None
            and (row.digest, row.stage) != (_of(deal), deal.stage)
        ]
        if changed:
            given = [
                (row.theirs, replace(deal, stage="") if row.stage == deal.stage else deal)
                for row, deal in changed
            ]
            answers = self.system.change_deals(self.saved, given)
            for (row, deal), one in zip(changed, answers, strict=True):
                written[deal.key] = one
                if one.id:
                    self._link(Of.DEAL, deal.key, one.id, _of(deal), deal.stage)
                elif one.is_gone:
                    self._gone(row)
        for key, row in links.items():
            written.setdefault(key, Written(row.theirs))
        return written

    def note(self, event: str, kind: Kind, record: str, text: str) -> None:
        """Write an event into the timeline of a record.

        Parameters
        ----------
        event
            Its key.
        """
        mark = portraits.mark(event)
        link, is_new = Link.objects.get_or_create(
            system=self.system.name, of=Of.FACT, ours=event, defaults={"theirs": ""}
        )
        if link.theirs:
            return
        # It was begun, and nobody has said how it ended.
        found = "" if is_new else self.system.find_note(self.saved, kind, record, mark)
        written = Written(found)
        if not found:
            written = self.system.note(self.saved, kind, record, text, mark)
        if written.is_gone:
            link.delete()
            gone = Link.objects.filter(system=self.system.name, of=kind.value, theirs=record)
            gone.delete()
            raise Retry("The record was deleted in the CRM: it is made again", after=1)
        if written.problem:
            raise Refused(written.problem)
        Link.objects.filter(pk=link.pk).update(theirs=written.id)

    def _meet(self, new: Sequence[Contact]) -> dict[str, Standing]:
        """Find out who these are, and make those who are nobody yet."""
        decisions = self._decisions(Of.CONTACT, [one.key for one in new])
        asked = [one for one in new if decisions.get(one.key, True)]
        standing = {
            one.key: Standing(is_doubtful=True) for one in new if not decisions.get(one.key, True)
        }
        found = self.system.find_contacts(self.saved, asked) if asked else []
        strangers = []
        for one, there in zip(asked, found, strict=True):
            if one.key in decisions:
                # It was decided that he is none of the others.
                there = Found(there.own)
            known = self._known(Of.CONTACT, one.key, there)
            if known is None:
                standing[one.key] = Standing(is_doubtful=True)
            elif known:
                self._link(Of.CONTACT, one.key, known)
                standing[one.key] = Standing(known)
            else:
                strangers.append(one)
        made = self.system.make_contacts(self.saved, strangers) if strangers else []
        for one, written in zip(strangers, made, strict=True):
            standing[one.key] = Standing(written.id, problem=written.problem)
        self._link_contacts(strangers, made)
        return standing

    def _complete(self, contacts: Sequence[Contact]) -> None:
        """Add what the CRM lacks, where something has changed here."""
        links = self._links(Of.CONTACT, [one.key for one in contacts])
        stale = [
            (links[one.key], one)
            for one in contacts
            if one.key in links and links[one.key].digest != portraits.digest(one)
        ]
        if not stale:
            return
        given = [(row.theirs, one) for row, one in stale]
        answers = self.system.complete_contacts(self.saved, given)
        self._link_contacts([one for _row, one in stale], answers)
        gone = [
            row.pk for (row, _one), written in zip(stale, answers, strict=True) if written.is_gone
        ]
        if gone:
            Link.objects.filter(pk__in=gone).delete()
            raise Retry("A customer was deleted in the CRM: he is made again", after=1)

    def _known(self, of: str, key: str, found: Found) -> str | None:
        """Id of what was found; ``""``: nothing, ``None``: a person has to decide."""
        rows = Link.objects.filter(system=self.system.name, of=of, theirs__in=found.others)
        taken = set(rows.exclude(ours=key).values_list("theirs", flat=True))
        matched = match(found, taken)
        if not matched.candidates:
            return matched.id
        candidates = [
            {"id": record, "why": sorted(why)} for record, why in matched.candidates.items()
        ]
        proposals.propose(self.system, of, key, candidates)
        return None

    def _decisions(self, of: str, keys: Sequence[str]) -> dict[str, bool]:
        """Key → whether it was decided already, of what was in doubt."""
        rows = Proposal.objects.filter(system=self.system.name, of=of, ours__in=keys)
        return {row.ours: row.decided is not None for row in rows}

    def _links(self, of: str, keys: Sequence[str]) -> dict[str, Link]:
        rows = Link.objects.filter(system=self.system.name, of=of, ours__in=keys)
        return {row.ours: row for row in rows.exclude(theirs="")}

    def _link_contacts(self, contacts: Sequence[Contact], written: Sequence[Written]) -> None:
        """Note which of these are which, and what was written of them, by one statement."""
        rows = [
            Link(
                system=self.system.name,
                of=Of.CONTACT,
                ours=contact.key,
                theirs=one.id,
                digest=portraits.digest(contact),
            )
            for contact, one in zip(contacts, written, strict=True)
            if one.id
        ]
        Link.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["system", "of", "ours"],
            update_fields=["theirs", "digest"],
        )

    def _link(self, of: str, key: str, record: str, digest: str = "", stage: str = "") -> Link:
        values = {"theirs": record, "digest": digest, "stage": stage}
        row, _ = Link.objects.update_or_create(
            system=self.system.name, of=of, ours=key, defaults=values
        )
        return row

    def _gone(self, row: Link) -> None:
        row.delete()
        raise Retry("A deal was deleted in the CRM: it is made again", after=1)

    def _nobody(self, deal: Deal) -> None:
        """Forget whom a deal is of: they are looked for, and made, again."""
        rows = Link.objects.filter(system=self.system.name, of__in=[Of.CONTACT, Of.COMPANY])
        rows.filter(theirs__in={deal.contact, deal.company} - {""}).delete()
        raise Retry("Whom a deal is of was deleted in the CRM: he is made again", after=1)


def _of(deal: Deal) -> str:
    return portraits.digest(replace(deal, stage=""))


def _without_common_phones(new: Sequence[Contact]) -> list[list[Contact]]:
    """In so many turns that of two with one phone the later one finds the earlier one."""
    turns: list[list[Contact]] = []
    met: list[set[str]] = []
    for one in new:
        place = next((i for i, seen in enumerate(met) if one.phone not in seen), len(turns))
        if place == len(turns):
            turns.append([])
            met.append(set())
        turns[place].append(one)
        if one.phone:
            met[place].add(one.phone)
    return turns
