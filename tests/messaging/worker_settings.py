"""The mini-shop's settings with messages by e-mail, to a mail server of the tests."""

import os

from saleor_1c_plugin.sandbox.settings import *  # noqa: F403
from saleor_1c_plugin.sandbox.settings import ONEC_CONFIGURATION

ONEC_CONFIGURATION = {
    **ONEC_CONFIGURATION,
    "history": {},
    "email": {},
    "messages": {
        "rules": "order.placed = email",
        "quiet": "no",
        "a_day": "1000",
        "place": "https://shop.example",
    },
}
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ.get("ONEC_TEST_MAIL_PORT", "0"))
DEFAULT_FROM_EMAIL = "noreply@shop.example"
