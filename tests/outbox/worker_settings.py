"""The mini-shop's settings with a room that has something to send."""

from saleor_1c_plugin.sandbox.settings import *  # noqa: F403
from saleor_1c_plugin.sandbox.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.outbox.room"]
