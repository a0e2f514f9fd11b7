"""The mini-shop's settings, with a worker whose transactions are small: an import has many."""

from saleor_1c_plugin.sandbox.settings import *  # noqa: F403

CELERY_INCLUDE = ["tests.exchange.small_batches"]
