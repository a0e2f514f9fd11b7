"""What a buyer finds goods by is never older than the goods."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from saleor_1c_plugin.sandbox import search
from saleor_1c_plugin.sandbox.models import Product
from saleor_1c_plugin.sandbox.store import SandboxStore
from saleor_1c_plugin.store.ports import ProductWrite


def test_who_has_read_first_does_not_write_last(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SandboxStore()
    with transaction.atomic():
        type_id = store.product_type("kind", "Мебель")
        (id_,) = store.write_products([ProductWrite("p", type_id, "Стол")]).ids
    written, has_read, goes_on = search._document, threading.Event(), threading.Event()

    def slowly(product: Product) -> str:
        text = written(product)
        if not has_read.is_set():
            has_read.set()
            assert goes_on.wait(10)
        return text

    def refresh() -> None:
        try:
            search.refresh([str(id_)])
        finally:
            connections.close_all()

    monkeypatch.setattr(search, "_document", slowly)
    with ThreadPoolExecutor(2) as workers:
        first = workers.submit(refresh)
        assert has_read.wait(10)
        Product.objects.update(name="Стул")
        second = workers.submit(refresh)
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline and not second.done():
            time.sleep(0.01)
        goes_on.set()
        first.result()
        second.result()
    assert Product.objects.get().search == "стул"
