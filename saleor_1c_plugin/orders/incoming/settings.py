"""What the merchant sets about the orders, read from the shop's configuration."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...configuration import Configuration, load, require_existing

PLUGIN = "orders"
SWITCHED_OFF = gettext_lazy("The plugin “1C: orders” is switched off.")


class Action(StrEnum):
    """What a status of 1C's stands for."""

    CONFIRM = "confirm"
    CANCEL = "cancel"
    SHIP = "ship"
    PAID = "paid"
    NONE = "none"


class Side(StrEnum):
    """Whose lines and confirmation stand where an order was changed in both places."""

    ONEC = "onec"
    SHOP = "shop"


class Deletion(StrEnum):
    """What a document that is marked for deletion does to its order."""

    CANCEL = "cancel"
    IGNORE = "ignore"


@dataclass(frozen=True)
class IncomingSettings:
    """Settings of the documents from 1C; `statuses` are keyed by :func:`status_key`."""

    statuses: Mapping[str, Action] = field(default_factory=dict)
    confirm_posted: bool = True
    conflict: Side = Side.ONEC
    deletion_mark: Deletion = Deletion.CANCEL
    create_orders: bool = False
    new_order_channel: str = ""

    @property
    def digest(self) -> bytes:
        """Changes when any setting does, so that documents are looked at again."""
        return sha256(repr(self).encode()).digest()

    @classmethod
    def load(cls) -> "IncomingSettings":
        """Settings as saved in the shop.

        Raises
        ------
        SettingsError
            They can't be used; in Russian, for it is 1C's operator who reads that.
        """
        return load(PLUGIN, SWITCHED_OFF, cls.from_configuration)

    @classmethod
    def from_configuration(cls, saved: Mapping[str, object]) -> "IncomingSettings":
        """Settings from the plugin's configuration; missing keys mean defaults.

        Raises
        ------
        SettingsError
            A value can't be used.
        """
        default = cls()
        values = Configuration(saved)
        settings = cls(
            statuses=_statuses(values),
            confirm_posted=values.flag("confirm_posted", default.confirm_posted),
            conflict=values.choice("conflict", default.conflict),
            deletion_mark=values.choice("deletion_mark", default.deletion_mark),
            create_orders=values.flag("create_orders", default.create_orders),
            new_order_channel=values.text("new_order_channel"),
        )
        if settings.create_orders and not settings.new_order_channel:
            values.refuse("new_order_channel", _("Name the channel that new orders belong to."))
        values.check()
        return settings

    def require_existing(self, channels: Collection[str]) -> None:
        """Say whether the shop has the channel for new orders.

        Raises
        ------
        SettingsError
            It hasn't.
        """
        named = [self.new_order_channel] if self.new_order_channel else []
        require_existing({"new_order_channel": named}, channels, {}, ())


def status_key(status: str) -> str:
    """A status as it is compared: letter case and blanks don't matter."""
    return " ".join(status.split()).casefold()


def _statuses(values: Configuration) -> Mapping[str, Action]:
    statuses = {}
    for status, actions in values.mapping("statuses").items():
        unknown = [action for action in actions if action not in set(Action)]
        if unknown or len(actions) > 1:
            values.refuse(
                "statuses",
                _("“%(status)s” leads to one of: %(known)s.")
                % {"status": status, "known": ", ".join(Action)},
            )
        else:
            statuses[status_key(status)] = Action(actions[0])
    return statuses
