"""The mini-shop's settings, but for those that a merchant saves."""

from saleor_1c_plugin.sandbox.settings import *  # noqa: F403

ONEC_STORE = "tests.circle.live.LiveStore"
