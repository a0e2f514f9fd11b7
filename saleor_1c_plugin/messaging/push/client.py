"""Calls of Firebase Cloud Messaging, HTTP v1."""

import os
from collections.abc import Mapping
from typing import Any

from ...outbox.calls import NoReply, exchange
from . import access
from .settings import PushSettings

#: Seconds, where Firebase does not say how long it wants to be left alone.
_PAUSE = 60.0
_LONGEST_PAUSE = 3600.0
_MOST_TEXT = 200


def address() -> str:
    """Where Firebase is; the host may say so (``ONEC_FCM_API``), the dashboard may not."""
    return os.environ.get("ONEC_FCM_API") or "https://fcm.googleapis.com"


class ApiError(Exception):
    """Firebase has not done what it was asked for, and says so.

    Parameters
    ----------
    status
        Of HTTP.
    code
        As Firebase names it: "UNREGISTERED"; empty: it is Google's own, not of a message.
    why
        In Firebase's words.
    is_about_token
        The device's token is none.
    after
        Seconds for which it wants to be left alone.
    """

    def __init__(
        self, status: int, code: str, why: str, *, is_about_token: bool = False, after: float = 0.0
    ) -> None:
        super().__init__(why)
        self.status = status
        self.code = code
        self.why = why
        self.is_about_token = is_about_token
        self.after = after


def send(settings: PushSettings, message: Mapping[str, Any], *, is_trial: bool = False) -> str:
    """Firebase's name of a message that it has taken.

    Parameters
    ----------
    is_trial
        It is only looked whether it could be sent.

    Raises
    ------
    ApiError
        Firebase refuses.
    AccessDenied
        Google does not accept the account.
    NoReply
        There was no answer: what became of the call is not known, unless it says that it has not
        left.
    """
    try:
        token = access.token(settings.account)
    except NoReply as error:
        # The message itself has gone nowhere.
        raise NoReply(str(error), is_unsent=True) from None
    fields: dict[str, object] = {"message": message}
    if is_trial:
        fields["validate_only"] = True
    reply = exchange(
        "POST",
        f"{address()}/v1/projects/{settings.project}/messages:send",
        json=fields,
        headers={"Authorization": f"Bearer {token}"},
    )
    answer = reply.json
    if reply.status == 200 and answer is not None and isinstance(answer.get("name"), str):
        return str(answer["name"])
    fault = answer.get("error") if answer is not None else None
    if reply.status < 400 or not isinstance(fault, dict):
        raise NoReply(f"HTTP {reply.status}")
    if reply.status == 401 and not _code(fault):
        access.forget(settings.account)
    raise _as_error(reply.status, fault, reply.headers.get("Retry-After", ""))


def _as_error(status: int, fault: Mapping[str, Any], pause: str) -> ApiError:
    why = str(fault.get("message") or fault.get("status") or f"HTTP {status}")[:_MOST_TEXT]
    code = _code(fault)
    after = 0.0
    if status == 429 or status >= 500:
        # As Firebase asks those to wait whom it says nothing.
        named = float(pause) if pause.isascii() and pause.isdigit() else _PAUSE
        after = min(named, _LONGEST_PAUSE)
    is_about_token = code == "UNREGISTERED" or (
        code == "INVALID_ARGUMENT" and "registration token" in why.lower()
    )
    return ApiError(status, code, why, is_about_token=is_about_token, after=after)


def _code(fault: Mapping[str, Any]) -> str:
    """What Firebase says of a message, among details of other services of Google's."""
    details = fault.get("details")
    for one in details if isinstance(details, list) else ():
        if isinstance(one, dict) and str(one.get("@type")).endswith(".fcm.v1.FcmError"):
            return str(one.get("errorCode") or "")
    return ""
