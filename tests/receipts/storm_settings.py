"""The mini-shop's settings with receipts by two emulated registers."""

from saleor_1c_plugin.sandbox.settings import *  # noqa: F403
from saleor_1c_plugin.sandbox.settings import ONEC_CONFIGURATION

from .terms import EMULATOR, RECEIPTS

ONEC_CONFIGURATION = {**ONEC_CONFIGURATION, "receipts": RECEIPTS, "emulator": EMULATOR}
