"""Saleor's own settings for ``SALEOR_ROOT=… make demo``, with this plugin in.

The plugin need not be installed in that Saleor's environment, and nothing is written into its
checkout.
"""

import os

from saleor.settings import *  # noqa: F403
from saleor.settings import INSTALLED_APPS, PLUGINS

for _room, _class in (
    ("exchange", "ExchangePlugin"),
    ("catalog", "CatalogPlugin"),
    ("outbox", "OutboxPlugin"),
    ("orders", "OrdersPlugin"),
    ("reservations", "ReservationsPlugin"),
    ("receipts", "ReceiptsPlugin"),
    ("receipts.emulator", "EmulatorPlugin"),
    ("receipts.atol", "AtolPlugin"),
    ("receipts.atol_local", "AtolLocalPlugin"),
    ("receipts.orangedata", "OrangeDataPlugin"),
    ("receipts.yookassa", "YooKassaReceiptsPlugin"),
    ("history", "HistoryPlugin"),
    ("crm", "CrmPlugin"),
    ("crm.bitrix24", "Bitrix24Plugin"),
    ("crm.retailcrm", "RetailCrmPlugin"),
    ("crm.amocrm", "AmoCrmPlugin"),
    ("crm.onec", "OnecCrmPlugin"),
    ("messaging", "MessagesPlugin"),
    ("messaging.email", "EmailPlugin"),
    ("messaging.sms.smsc", "SmscPlugin"),
    ("messaging.sms.smsru", "SmsRuPlugin"),
    ("messaging.sms.twilio", "TwilioPlugin"),
    ("messaging.telegram", "TelegramPlugin"),
    ("messaging.viber", "ViberPlugin"),
    ("messaging.instagram", "InstagramPlugin"),
    ("messaging.push", "PushPlugin"),
    ("messaging.portal", "PortalPlugin"),
    ("messaging.apprise", "ApprisePlugin"),
    ("payments", "PaymentsPlugin"),
    ("payments.paypal", "PayPalPlugin"),
    ("payments.yookassa", "YooKassaPlugin"),
    ("payments.tbank", "TBankPlugin"),
    ("payments.webmoney", "WebMoneyPlugin"),
    ("payments.qiwi", "QiwiPlugin"),
    ("payments.invoice", "InvoicePlugin"),
    ("payments.on_delivery", "OnDeliveryPlugin"),
):
    _app = f"saleor_1c_plugin.{_room}"
    if _app not in INSTALLED_APPS:
        INSTALLED_APPS.append(_app)
    if f"{_app}.plugin.{_class}" not in PLUGINS:
        PLUGINS.append(f"{_app}.plugin.{_class}")

MEDIA_ROOT = os.environ["ONEC_MEDIA_ROOT"]
# A demo on this machine talks to itself and tells nobody about it.
SEND_USAGE_TELEMETRY = False
HTTP_IP_FILTER_ENABLED = False
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
