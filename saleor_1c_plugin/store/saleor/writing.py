"""Saleor watches who uses its main database outside its own writes."""

from collections.abc import Callable

from saleor.core.db.connection import allow_writer


def writes[**Given, Answer](function: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Let `function` use the main database, wherever it is called from."""
    allowed: Callable[Given, Answer] = allow_writer()(function)
    return allowed
