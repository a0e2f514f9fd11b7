"""Queries whose SQL is made once: to make one takes Django longer than to answer it."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import connection


def prepared[**Keys](
    make: Callable[Keys, Any], *places: Keys.args, **named: Keys.kwargs
) -> Callable[Keys, list[dict[str, Any]]]:
    """Make the query once, and ask it with other keys each time.

    Parameters
    ----------
    make
        Makes it for its keys, of ``values``. Whatever else it depends on stays as it was at the
        first call.
    places
        Keys, one for each, that are told from all other parameters of the query. They are given
        by position.
    """

    @cache
    def statement() -> tuple[str, tuple[Any, ...]]:
        made: tuple[str, tuple[Any, ...]] = make(*places, **named).query.sql_with_params()
        return made

    def ask(*keys: Keys.args, **_: Keys.kwargs) -> list[dict[str, Any]]:
        sql, parameters = statement()
        given: list[tuple[Any, Any]] = list(zip(places, keys, strict=True))
        values = [next((key for place, key in given if one == place), one) for one in parameters]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    return ask
