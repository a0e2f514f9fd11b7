"""The mini-shop's settings with customers that are mirrored into a portal of the tests."""

import os

from saleor_1c_plugin.sandbox.settings import *  # noqa: F403
from saleor_1c_plugin.sandbox.settings import ONEC_CONFIGURATION

ONEC_CONFIGURATION = {
    **ONEC_CONFIGURATION,
    "history": {},
    "crm": {"language": "en"},
    "bitrix24": {
        "webhook": os.environ.get("ONEC_TEST_CRM_WEBHOOK", ""),
        "per_second": os.environ.get("ONEC_TEST_CRM_PACE", "2"),
    },
}
