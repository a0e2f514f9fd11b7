"""Apprise, where it is installed: it is needed by this room alone."""

import re
from typing import TYPE_CHECKING, Any

from ...outbox.errors import Refused, Retry

if TYPE_CHECKING:
    from apprise import NotifyBase

#: The services that are chats of people. Others of Apprise's write to whatever address they are
#: given, to this host's own desktop or log, or to buyers' phones.
SERVICES = frozenset(
    {
        *("slack", "mmost", "mmosts", "rocket", "rockets", "nctalk", "nctalks", "workflow"),
        *("workflows", "discord", "gchat", "zulip", "matrix", "matrixs", "wxteams", "webex"),
        *("tgram", "lark", "feishu", "synology", "synologys", "twist", "ryver", "flock"),
        *("guilded", "revolt"),
    }
)
_STATUS = re.compile(r"error=(\d{3})\b")
#: Of HTTP: too slow, too early, too many.
_LATER = (408, 425, 429)
#: It is the merchant who has to do something: the address is not, or no longer, right.
_WRONG = (401, 403, 404, 410)
_MEND_SECONDS = 900.0


class NotInstalled(Exception):
    """There is no Apprise in this environment."""


def schema(address: str) -> str:
    """Of which service an address is: ``slack://…`` → "slack"."""
    return address.partition("://")[0].lower() if "://" in address else ""


def is_usable(address: str) -> bool:
    """Whether it is the address of a chat.

    Raises
    ------
    NotInstalled
        See there.
    """
    return schema(address) in SERVICES and _service(address) is not None


def say(address: str, subject: str, body: str) -> None:
    """Say something in a chat.

    Raises
    ------
    Retry, Refused
        It was not taken, as far as the library says.
    """
    service = _service(address)
    if service is None:
        raise Refused("The address of the chat can't be used")
    chats = _library().Apprise()
    chats.add(service)
    with chats.notify(body=body, title=subject, body_format="text") as result:
        if not result:
            # It has said so, and nothing that is secret.
            raise _outcome(service.service_name, [entry.message for entry in result.logs()])


def _outcome(name: object, said: list[str]) -> Exception:
    found = _STATUS.findall(" ".join(said))
    status = int(found[-1]) if found else 0
    why = f"{name}: HTTP {status}" if status else f"{name}: no answer"
    if status in _WRONG:
        return Retry(why, after=_MEND_SECONDS)
    if 300 <= status < 500 and status not in _LATER:
        return Refused(why)
    return Retry(why)


def _service(address: str) -> "NotifyBase | None":
    library = _library()
    asset = library.AppriseAsset(
        # By this name some chats show who writes; others have none, or the address has it.
        app_id="1C",
        app_desc="",
        app_url="",
        # In this very thread, with nothing kept on disk; addresses are followed nowhere.
        async_mode=False,
        storage_mode=library.PersistentStoreMode.MEMORY,
        http_redirects=False,
        plugin_paths=[],
    )
    service: NotifyBase | None = library.Apprise.instantiate(address, asset=asset)
    return service


def _library() -> Any:
    try:
        import apprise
    except ImportError:
        raise NotInstalled from None
    return apprise
