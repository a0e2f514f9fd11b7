"""What payments and receipts know alike of YooKassa: where its API is, and who calls it."""

import os

from django.utils.translation import gettext as _

from .configuration import Configuration


def address() -> str:
    """Where the API is.

    The host may say so (``ONEC_YOOKASSA_API``, for trying things out), the dashboard may not:
    whoever could change it there would have the secret key sent wherever he likes.
    """
    return os.environ.get("ONEC_YOOKASSA_API") or "https://api.yookassa.ru/v3"


def shop(values: Configuration, *, complete: bool) -> tuple[str, str]:
    """Number and secret key of the shop, from the settings ``shop_id`` and ``secret_key``.

    Parameters
    ----------
    complete
        They must be there.
    """
    shop_id, secret_key = values.text("shop_id"), values.text("secret_key")
    if not shop_id.isascii() or (complete and not shop_id):
        values.refuse("shop_id", _("Write the number of the shop."))
    if not secret_key.isascii():
        values.refuse("secret_key", _("A key consists of Latin letters and digits."))
    if complete and not secret_key:
        values.refuse("secret_key", _("Write the secret key."))
    return shop_id, secret_key
