"""What the merchant sets about notifications."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ...configuration import Configuration
from .access import Account, KeyFault, load_key

SECRET = "service_account"  # noqa: S105
_PROJECT = re.compile(r"[a-z0-9][a-z0-9.:-]{2,62}")
_MOST_TEXT = 512


@dataclass(frozen=True, slots=True)
class PushSettings:
    """The project of Firebase's, and the account by which Google lets us send in it."""

    #: Id of the Firebase project.
    project: str = ""
    account: Account = field(default_factory=Account)

    @classmethod
    def from_configuration(
        cls, saved: Mapping[str, object], *, complete: bool = True
    ) -> "PushSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Parameters
        ----------
        complete
            The account must be there.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        values = Configuration(saved)
        given = values.text(SECRET)
        if given:
            settings = _read(given)
            if settings is None:
                values.refuse(
                    SECRET,
                    _("Paste the whole JSON file of the service account, as Google has made it."),
                )
        else:
            settings = None
            if complete:
                values.refuse(SECRET, _("Paste the JSON file of the Firebase service account."))
        values.check()
        return settings or cls()


def _read(text: str) -> PushSettings | None:
    """``None``: it is no such file."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("type") != "service_account":
        return None
    names = ("project_id", "client_email", "private_key_id", "private_key")
    given = [one for name in names if isinstance(one := found.get(name), str) and one]
    if len(given) != len(names):
        return None
    project, email, key_id, key = given
    if not _PROJECT.fullmatch(project) or "@" not in email or len(email) > _MOST_TEXT:
        return None
    try:
        load_key(key)
    except KeyFault:
        return None
    # Its `token_uri` is not asked: whoever could change it would be sent what the key signs.
    return PushSettings(project, Account(email, key_id, key))
