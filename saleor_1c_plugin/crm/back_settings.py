"""What the merchant sets about what comes back from a CRM: among the settings of its own plugin."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext as _

from ..configuration import Configuration

_A_DAY = 24 * 60


class Action(StrEnum):
    """What a stage that people move a deal to does to the order."""

    CONFIRM = "confirm"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class BackSettings:
    #: Minutes between two looks at what has changed there; 0: nothing comes back.
    minutes: int = 0
    #: Stage, as the setting ``stages`` names it → what moving a deal there does.
    actions: Mapping[str, Action] = field(default_factory=dict)
    #: Names and phones of contacts go to their accounts.
    contacts: bool = False

    @classmethod
    def read(cls, values: Configuration) -> "BackSettings":
        """Of a plugin's settings; what is wrong with them `values` keeps."""
        return cls(
            minutes=values.whole("back_minutes", 0, _A_DAY, 0),
            actions=_actions(values),
            contacts=values.flag("contacts_back", False),
        )


def _actions(values: Configuration) -> dict[str, Action]:
    found = {}
    for number, line in enumerate(values.text("back_actions").splitlines(), 1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        stage, _equals, action = (part.strip() for part in line.rpartition("="))
        if not stage or action.lower() not in set(Action):
            values.refuse(
                "back_actions",
                _("Line %(number)d: write “stage = action”; actions are: %(known)s.")
                % {"number": number, "known": ", ".join(Action)},
            )
            continue
        found[stage] = Action(action.lower())
    return found
