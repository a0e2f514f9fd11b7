"""The address: one query a request, as JSON by POST, answered as Saleor answers."""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from graphql import GraphQLError, execute, parse, validate
from graphql.error import format_error

from . import limits
from .asked import Asked
from .schema import schema

logger = logging.getLogger(__name__)

_INTERNAL = "Internal Server Error"
#: A query can have as many mistakes as signs; the first ones tell enough.
_MISTAKES = 20


class _Refused(Exception):
    """The request is none."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@csrf_exempt
def serve(request: HttpRequest) -> JsonResponse:
    """Answer a query. Buyers are told by a header, never by a cookie: there is no CSRF."""
    return answer(request, schema, Asked(request))


def answer(request: HttpRequest, schema: Any, context: object) -> JsonResponse:
    """Answer a query of a schema; other rooms have theirs.

    Parameters
    ----------
    context
        What resolvers are given.
    """
    if request.method != "POST":
        response = _errors([GraphQLError("Send the query by POST.")], 405)
        response["Allow"] = "OPTIONS, POST"
        return response
    try:
        return _answer(schema, context, *_parameters(request))
    except _Refused as error:
        return _errors([GraphQLError(str(error))], error.status)
    except GraphQLError as error:
        return _errors([error], 400)
    except Exception as error:
        # As Saleor: what the library can't digest was no query.
        return _errors([error], 400)


def _parameters(request: HttpRequest) -> tuple[str, dict[str, Any], str | None]:
    """Text of the query, its variables, and which of its operations is meant."""
    if request.content_type != "application/json":
        raise _Refused("Content-Type must be application/json.")
    try:
        # As a stream: of what is too large, no more is read than tells so.
        body = request.read(limits.BODY + 1)
    except UnreadablePostError:
        raise _Refused("The request broke off.") from None
    if len(body) > limits.BODY:
        raise _Refused("Request body exceeds maximum size.", 413)
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise _Refused("Unable to parse query.") from None
    if not isinstance(data, dict):
        raise _Refused("The request must be one object: batches are not answered.")
    query, variables, operation = (
        data.get(name) for name in ("query", "variables", "operationName")
    )
    if not isinstance(query, str) or not query.strip():
        raise _Refused("Must provide a query string.")
    if len(query) > limits.TEXT:
        raise _Refused("Request body exceeds maximum size.", 413)
    if not isinstance(variables, dict | None):
        raise _Refused("Variables must be an object.")
    if not isinstance(operation, str | None):
        raise _Refused("Operation name must be a string.")
    return query, variables or {}, operation


def _answer(
    schema: Any, context: object, query: str, variables: dict[str, Any], operation: str | None
) -> JsonResponse:
    try:
        document = parse(query)
    except RecursionError:
        raise limits.QueryCostError("The query is nested too deep.") from None
    limits.check(document)
    if errors := validate(schema, document):
        return _errors(errors[:_MISTAKES], 400)
    result = execute(
        schema,
        document,
        context_value=context,
        variable_values=variables,
        operation_name=operation,
    )
    told: dict[str, Any] = {}
    if result.errors:
        told["errors"] = [_formatted(error) for error in result.errors]
    told["data"] = result.data
    return _json(told)


def _errors(errors: Sequence[Exception], status: int) -> JsonResponse:
    return _json({"errors": [_formatted(error) for error in errors]}, status)


def _json(told: Mapping[str, object], status: int = 200) -> JsonResponse:
    response = JsonResponse(told, status=status)
    # It is about one buyer, and about this moment.
    response["Cache-Control"] = "no-store"
    return response


def _formatted(error: Exception) -> dict[str, Any]:
    """An error as Saleor tells of it; of what went wrong inside, no more than that it did."""
    cause: Any = error
    while isinstance(cause, GraphQLError) and hasattr(cause, "original_error"):
        cause = cause.original_error
    told: dict[str, Any] = (
        format_error(error) if isinstance(error, GraphQLError) else {"message": _INTERNAL}
    )
    code = type(cause).__name__
    if not isinstance(cause, GraphQLError):
        logger.error("A query failed", exc_info=cause)
        told["message"], code = _INTERNAL, "InternalServerError"
    extensions = told.get("extensions") or {}
    return {**told, "extensions": {**extensions, "exception": {"code": code}}}
