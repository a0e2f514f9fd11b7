"""The mini-shop's settings with two channels that YooKassa takes money in: one holds it first."""

from saleor_1c_plugin.sandbox.settings import *  # noqa: F403
from saleor_1c_plugin.sandbox.settings import ONEC_CONFIGURATION

ONEC_SANDBOX_CHANNELS = [("default-channel", "RUB"), ("held", "RUB")]
_YOOKASSA = {"shop_id": "100500", "secret_key": "test_secret-key", "networks": "127.0.0.1"}
ONEC_CONFIGURATION = {
    **ONEC_CONFIGURATION,
    "exchange": {"login": "1c", "password": "secret"},
    "payments": {"duplicates": "refund"},
    "yookassa": _YOOKASSA,
    "yookassa/held": {**_YOOKASSA, "two_stage": "true"},
}
