"""Queries that every change of a cart asks: to make one takes Django longer than to answer it."""

from collections.abc import Callable
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection


def prepared[Key: (str, UUID)](
    make: Callable[[Key], Any], place: Key
) -> Callable[[Key], list[dict[str, Any]]]:
    """Make the query once, and ask it with another key each time.

    Parameters
    ----------
    make
        Makes it for a key, of ``values``. Whatever else it depends on stays as it was at the
        first call: the time, for instance, is to be asked of the database.
    place
        A key that is told from all other parameters of the query.
    """

    @cache
    def statement() -> tuple[str, tuple[Any, ...]]:
        made: tuple[str, tuple[Any, ...]] = make(place).query.sql_with_params()
        return made

    def ask(key: Key) -> list[dict[str, Any]]:
        sql, parameters = statement()
        with connection.cursor() as cursor:
            cursor.execute(sql, [key if one == place else one for one in parameters])
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    return ask
