"""Mattermost's incoming webhooks, by their documentation."""

from typing import Any

from saleor_1c_plugin.sandbox.standins.faults import Faults
from saleor_1c_plugin.sandbox.standins.messages import Answer, Request
from tests.payments.standins.base import StandIn
from tests.payments.standins.contract import Violation

_FIELDS = {"text", "username", "channel", "icon_url", "icon_emoji", "attachments", "props"}


class Mattermost(StandIn):
    """See the base."""

    token = "k7p3tajnyjkljuch0000000000"

    def __init__(self, faults: Faults | None = None) -> None:
        super().__init__(None, faults, 1, 0)
        #: What was written into the channel.
        self.posts: list[dict[str, Any]] = []
        #: What is answered instead, once each.
        self.refusals: list[int] = []

    @property
    def url(self) -> str:
        """As Apprise writes it."""
        return f"mmost://{self.address.removeprefix('http://')}/{self.token}"

    @property
    def texts(self) -> list[str]:
        return [post["text"].replace("\r\n", "\n") for post in self.posts]

    def is_api(self, path: str) -> bool:
        return True

    def page(self, request: Request) -> Answer:
        raise NotImplementedError

    def refuse(self, violation: Violation) -> Answer:
        raise NotImplementedError

    def pass_time(self) -> None:
        """Nothing falls due."""

    def broken(self, status: int) -> Answer:
        return Answer(status, b"<html>", "text/html")

    def admit(self, request: Request) -> Answer | None:
        if self.refusals:
            return _error(self.refusals.pop(0))
        if request.method != "POST" or request.path != f"/hooks/{self.token}":
            return _error(404)
        return None

    def act(self, request: Request) -> Answer:
        post = request.json
        if not isinstance(post, dict) or not str(post.get("text") or "").strip():
            return _error(400)
        if post.keys() - _FIELDS or len(post["text"]) > 16383:
            self.hold([Violation("request", "hook", "", f"{sorted(post)}")])
        self.posts.append(post)
        return Answer(200, b"ok", "text/plain")


def _error(status: int) -> Answer:
    return Answer.of(status, {"id": "web.incoming_webhook.error", "status_code": status})
