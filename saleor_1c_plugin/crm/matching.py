"""Which record of a CRM's is a customer of ours. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from .adapter import Found, Why


@dataclass(frozen=True, slots=True)
class Match:
    """What was found out. Neither an id nor candidates: there is nobody yet."""

    id: str = ""
    #: A person has to decide between these: id there → by what it was found.
    candidates: Mapping[str, frozenset[Why]] = field(default_factory=dict)


def match(found: Found, taken: Collection[str]) -> Match:
    """Choose, where it is sure.

    What we have made ourselves is sure; then what has 1C's id, if it is one; then the only one
    with the e-mail, the phone or the ИНН. A family has one phone: whoever is found by nothing
    else, and is another customer of ours already, is in doubt.

    Parameters
    ----------
    taken
        Ids there that other customers of ours have.
    """
    if found.own:
        return Match(min(found.own, key=_by_age))
    by_onec = [one for one, why in found.others.items() if Why.ONEC in why]
    if len(by_onec) == 1:
        return Match(by_onec[0])
    if len(found.others) == 1:
        ((one, why),) = found.others.items()
        if why != {Why.PHONE} or one not in taken:
            return Match(one)
    return Match(candidates=found.others)


def _by_age(record: str) -> tuple[int, str]:
    """CRMs count up."""
    return (int(record), "") if record.isascii() and record.isdigit() else (0, record)
