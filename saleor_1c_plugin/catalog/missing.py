"""The end of an exchange: what a full export no longer names."""

from django.db import transaction

from ..commerceml.model import ItemKind
from ..report import Outcome, Report
from ..store import current_store
from ..store.ports import Missing
from . import follow_ups, register
from .models import FullExport
from .register import State
from .report import ImportContext
from .settings import CatalogSettings
from .tasks import start_follow_ups

BATCH = 1000


def finish_package(context: ImportContext, report: Report) -> None:
    """Apply the policy for missing objects to each section that was exported whole.

    Safe to run again: an object that was dealt with is no longer missing.
    """
    settings = CatalogSettings.load()
    for section in FullExport.objects.filter(exchange_key=context.exchange_key).order_by("-kind"):
        kind = ItemKind(section.kind)
        policy = settings.missing_products if kind is ItemKind.PRODUCT else settings.missing_offers
        if policy is not Missing.LEAVE:
            while _retire(section, kind, policy, context, report):
                continue
        section.delete()
    start_follow_ups()


def forget_package(exchange_key: str) -> None:
    """Forget what an exchange claimed to be complete: it will never be finished."""
    FullExport.objects.filter(exchange_key=exchange_key).delete()


def _retire(
    section: FullExport, kind: ItemKind, policy: Missing, context: ImportContext, report: Report
) -> bool:
    with transaction.atomic():
        report.beat(0)
        register.lock_writers()
        entries = register.missing(kind, section.catalog_id, section.started_at, BATCH)
        if not entries:
            return False
        ids = [entry.store_id for entry in entries if entry.store_id]
        store = current_store()
        retire = store.retire_products if kind is ItemKind.PRODUCT else store.retire_variants
        if ids:
            follow_ups.remember(retire(ids, policy).follow_ups)
        for entry in entries:
            entry.state = State.RETIRED
            entry.forget()
            if policy is Missing.DELETE:
                entry.store_id = None
        register.save(entries)
        report.count(kind, Outcome.HIDDEN, len(ids))
        return True
