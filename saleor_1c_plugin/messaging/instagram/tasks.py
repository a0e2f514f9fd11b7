"""Celery's way into this room."""

import logging

from celery import shared_task

from ...configuration import SettingsError
from ...store import current_store
from . import NAME, tokens
from .settings import InstagramSettings

logger = logging.getLogger(__name__)


@shared_task(name="saleor_1c_plugin.messaging.instagram.renew")
def renew() -> None:
    """Have the token renewed before it is over; safe to run at any time, also twice at once."""
    with current_store().writing():
        saved = current_store().configuration(NAME)
        if saved is None:
            return
        try:
            tokens.renew(InstagramSettings.from_configuration(saved))
        except SettingsError as error:
            logger.error("The settings of %s can't be used: %s", NAME, error)
