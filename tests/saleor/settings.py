"""Saleor's own settings, quiet and with this plugin in, whether it is installed or not."""

import os
import tempfile
from datetime import timedelta

from saleor.settings import *  # noqa: F403
from saleor.settings import (
    DATABASE_CONNECTION_DEFAULT_NAME,
    DATABASES,
    INSTALLED_APPS,
    PLUGINS,
)

ROOMS = {
    "exchange": "ExchangePlugin",
    "catalog": "CatalogPlugin",
    "outbox": "OutboxPlugin",
    "orders": "OrdersPlugin",
    "reservations": "ReservationsPlugin",
    "receipts": "ReceiptsPlugin",
    "receipts.emulator": "EmulatorPlugin",
    "receipts.atol": "AtolPlugin",
    "receipts.atol_local": "AtolLocalPlugin",
    "receipts.orangedata": "OrangeDataPlugin",
    "receipts.yookassa": "YooKassaReceiptsPlugin",
    "history": "HistoryPlugin",
    "crm": "CrmPlugin",
    "crm.bitrix24": "Bitrix24Plugin",
    "crm.retailcrm": "RetailCrmPlugin",
    "crm.amocrm": "AmoCrmPlugin",
    "crm.onec": "OnecCrmPlugin",
    "messaging": "MessagesPlugin",
    "messaging.email": "EmailPlugin",
    "messaging.sms.smsc": "SmscPlugin",
    "messaging.sms.smsru": "SmsRuPlugin",
    "messaging.sms.twilio": "TwilioPlugin",
    "messaging.telegram": "TelegramPlugin",
    "messaging.viber": "ViberPlugin",
    "messaging.instagram": "InstagramPlugin",
    "messaging.push": "PushPlugin",
    "messaging.portal": "PortalPlugin",
    "messaging.apprise": "ApprisePlugin",
    "payments": "PaymentsPlugin",
    "payments.paypal": "PayPalPlugin",
    "payments.yookassa": "YooKassaPlugin",
    "payments.tbank": "TBankPlugin",
    "payments.webmoney": "WebMoneyPlugin",
    "payments.qiwi": "QiwiPlugin",
    "payments.invoice": "InvoicePlugin",
    "payments.on_delivery": "OnDeliveryPlugin",
}

for _room, _class in ROOMS.items():
    _app = f"saleor_1c_plugin.{_room}"
    _plugin = f"{_app}.plugin.{_class}"
    if _app not in INSTALLED_APPS:
        INSTALLED_APPS.append(_app)
    if _plugin not in PLUGINS:
        PLUGINS.append(_plugin)
    if os.environ.get("ONEC_TEST_WITHOUT_PLUGINS"):
        # A database with Saleor's own migrations alone, to start from.
        INSTALLED_APPS.remove(_app)
        PLUGINS.remove(_plugin)

# Nothing is written into the checkout.
MEDIA_ROOT = os.environ.get("ONEC_MEDIA_ROOT") or tempfile.mkdtemp(prefix="onec-suite-media-")
# Where a test starts a broker, tasks go to a worker.
CELERY_TASK_ALWAYS_EAGER = not os.environ.get("CELERY_BROKER_URL")
# Whoever has logged in to a running shop stays so until its last test.
JWT_TTL_ACCESS = timedelta(days=1)
SEND_USAGE_TELEMETRY = False
HTTP_IP_FILTER_ENABLED = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# A test's transaction is seen by its own connection alone.
DATABASE_CONNECTION_REPLICA_NAME = DATABASE_CONNECTION_DEFAULT_NAME
DATABASES = {DATABASE_CONNECTION_DEFAULT_NAME: DATABASES[DATABASE_CONNECTION_DEFAULT_NAME]}
