from collections.abc import Iterator
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.handlers.wsgi import WSGIHandler

from saleor_1c_plugin.payments import provider

from .bank import Bank
from .ledger import Ledger
from .support import Till


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    """The only provider there is."""
    made = Bank()
    monkeypatch.setattr(provider, "_providers", {"bank": made})
    return made


@pytest.fixture
def till(transactional_db: None, settings: Any, bank: Bank) -> Till:
    """A shop that takes money by the bank; what is committed is carried out at once."""
    settings.ONEC_PAYMENT_STORE = "tests.payments.ledger.Ledger"
    settings.ONEC_CONFIGURATION = {**settings.ONEC_CONFIGURATION, "bank": {}}
    Ledger.clear()
    return Till(bank)


@pytest.fixture
def served(transactional_db: None) -> Iterator[str]:
    """Where the mini-shop answers over HTTP, to notifications among others."""
    # Django's own live server wants to serve static files, and here are none.
    server = make_server("127.0.0.1", 0, WSGIHandler(), handler_class=_Quiet)
    thread = Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass
