"""Django settings of the mini-shop; everything that differs between runs comes by environment.

They also serve the project's own tests and type checks, so that importing this module needs
neither a server nor a variable.
"""

import json
import os
from decimal import Decimal
from pathlib import Path

from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

_DATA = Path(os.environ.get("ONEC_SANDBOX_DATA", ".sandbox")).absolute()

# Web, worker and a restarted web must agree on the key: the launcher keeps one in its folder.
SECRET_KEY = os.environ.get("ONEC_SECRET_KEY") or get_random_secret_key()
DEBUG = False
ALLOWED_HOSTS = [
    *("localhost", "127.0.0.1", "[::1]", "testserver"),
    *os.environ.get("ONEC_ALLOWED_HOSTS", "").split(),
]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "saleor_1c_plugin.exchange",
    "saleor_1c_plugin.catalog",
    "saleor_1c_plugin.outbox",
    "saleor_1c_plugin.orders",
    "saleor_1c_plugin.reservations",
    "saleor_1c_plugin.receipts",
    "saleor_1c_plugin.receipts.emulator",
    "saleor_1c_plugin.receipts.atol",
    "saleor_1c_plugin.receipts.atol_local",
    "saleor_1c_plugin.receipts.orangedata",
    "saleor_1c_plugin.receipts.yookassa",
    "saleor_1c_plugin.history",
    "saleor_1c_plugin.crm",
    "saleor_1c_plugin.crm.bitrix24",
    "saleor_1c_plugin.crm.retailcrm",
    "saleor_1c_plugin.crm.amocrm",
    "saleor_1c_plugin.crm.onec",
    "saleor_1c_plugin.messaging",
    "saleor_1c_plugin.messaging.email",
    "saleor_1c_plugin.messaging.sms.smsc",
    "saleor_1c_plugin.messaging.sms.smsru",
    "saleor_1c_plugin.messaging.sms.twilio",
    "saleor_1c_plugin.messaging.telegram",
    "saleor_1c_plugin.messaging.viber",
    "saleor_1c_plugin.messaging.instagram",
    "saleor_1c_plugin.messaging.push",
    "saleor_1c_plugin.messaging.portal",
    "saleor_1c_plugin.messaging.apprise",
    "saleor_1c_plugin.payments",
    "saleor_1c_plugin.payments.paypal",
    "saleor_1c_plugin.payments.yookassa",
    "saleor_1c_plugin.payments.tbank",
    "saleor_1c_plugin.payments.webmoney",
    "saleor_1c_plugin.payments.qiwi",
    "saleor_1c_plugin.payments.invoice",
    "saleor_1c_plugin.payments.on_delivery",
    "saleor_1c_plugin.sandbox",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
ROOT_URLCONF = "saleor_1c_plugin.sandbox.urls"
ASGI_APPLICATION = "saleor_1c_plugin.sandbox.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("ONEC_PGDATABASE", "onec"),
        # A folder means a Unix socket in it.
        "HOST": os.environ.get("ONEC_PGHOST", ""),
        "PORT": os.environ.get("ONEC_PGPORT", ""),
        "USER": os.environ.get("ONEC_PGUSER", "postgres"),
        "PASSWORD": os.environ.get("ONEC_PGPASSWORD", ""),
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_REDIS = os.environ.get("ONEC_REDIS_URL", "")
CELERY_BROKER_URL = _REDIS or "memory://"
# Without a broker a task runs at once, in the process that asked for it.
CELERY_TASK_ALWAYS_EAGER = not _REDIS
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": _REDIS}
    if _REDIS
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

MEDIA_ROOT = os.environ.get("ONEC_MEDIA_ROOT", str(_DATA / "media"))
MEDIA_URL = "/media/"

LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
USE_TZ = True
TIME_ZONE = os.environ.get("ONEC_TIME_ZONE", "Europe/Moscow")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}

ONEC_STORE = "saleor_1c_plugin.sandbox.store.SandboxStore"
ONEC_ORDER_STORE = "saleor_1c_plugin.sandbox.orders.SandboxOrderStore"
ONEC_CART_STORE = "saleor_1c_plugin.sandbox.carts.SandboxCartStore"
ONEC_PAYMENT_STORE = "saleor_1c_plugin.sandbox.payments.SandboxPaymentStore"

#: The channels and warehouses that the mini-shop has.
ONEC_SANDBOX_CHANNELS = [("default-channel", "RUB"), ("usd", "USD")]
ONEC_SANDBOX_WAREHOUSES = [("main", "Основной склад"), ("store", "Магазин")]
#: Those of them where buyers fetch their orders.
ONEC_SANDBOX_PICKUPS = ["store"]
#: Ways of delivery: name, price with tax, percent of tax in it.
ONEC_SANDBOX_DELIVERIES = [("courier", "Курьер", Decimal(350), Decimal(22))]
#: The way to pay on the page where no provider is set up; it moves no money.
ONEC_SANDBOX_PAYMENTS = [("card", "Картой на сайте")]
#: Percent off by a voucher's code, and what a gift card pays, order after order.
ONEC_SANDBOX_VOUCHERS = {"TEN": Decimal(10)}
ONEC_SANDBOX_GIFT_CARDS = {"GIFT-0500": Decimal(500)}


def _configuration() -> dict[str, dict[str, object] | None]:
    """Settings of the plugins: usable defaults, with those of a JSON file laid over them."""
    configuration: dict[str, dict[str, object] | None] = {
        "exchange": {
            "login": os.environ.get("ONEC_LOGIN", "1c"),
            "password": os.environ.get("ONEC_PASSWORD", ""),
        },
        "catalog": {
            # A retail price goes first; without one, the first price in a channel's currency.
            "price_types": "\n".join(
                [
                    "Розничная = default-channel",
                    "Розничная цена = default-channel",
                    "Отпускная цена = default-channel",
                    "Отпускная цена = usd",
                    "Оптовая = usd",
                    "* = default-channel",
                    "* = usd",
                ]
            ),
            "warehouses": "Магазин = store\n* = main",
            "default_warehouse": "main",
        },
        # Off until somebody reads it.
        "history": None,
        "crm": None,
        "bitrix24": None,
        "retailcrm": None,
        "amocrm": None,
        "crm_onec": None,
        "messages": None,
        "email": None,
        "smsc": None,
        "smsru": None,
        "twilio": None,
        # Off until somebody has a bot.
        "telegram": None,
        "viber": None,
        "instagram": None,
        "push": None,
        # The store's own people are told by none.
        "portal": None,
        "apprise": None,
        # Off until somebody says what taxes the company pays, and has a register.
        "receipts": None,
        "emulator": None,
        "atol": None,
        "atol_local": None,
        "orangedata": None,
        "yookassa_receipts": None,
        # Off until a shop, a purse or a company is named.
        "paypal": None,
        "yookassa": None,
        "tbank": None,
        "webmoney": None,
        "qiwi": None,
        "invoice": None,
        "on_delivery": None,
    }
    path = os.environ.get("ONEC_CONFIGURATION_FILE", "")
    if path:
        for plugin, values in json.loads(Path(path).read_text(encoding="utf-8")).items():
            configuration[plugin] = {**(configuration.get(plugin) or {}), **values}
    return configuration


#: Saved settings of each plugin, as a shop's dashboard would keep them.
ONEC_CONFIGURATION = _configuration()
