"""What a query may ask for at most: anybody may send one, and they are worked off at once.

Bounds are on the text and on its shape, before anything is validated or run: checking a query
takes time that grows with the square of its size.
"""

from collections.abc import Mapping

from graphql import GraphQLError
from graphql.language import ast

#: Bytes of a request.
BODY = 128 * 1024
#: Signs of a query's text; the longest that tools send, for the schema, has 2,000.
TEXT = 20_000
#: Selections inside each other, fragments included; tools that ask for the schema need 17.
DEPTH = 24
#: Sum over selections: one each, fragments as often as they are used.
COST = 600
#: One at the top reads from the database or writes to it.
_TOP_COST = 20
#: So deep do lists of introspection go inside each other: types, their fields, those fields' types
#: and so on multiply.
_INTROSPECTION = 2
_INTROSPECTED = frozenset({"fields", "inputFields", "interfaces", "possibleTypes"})


class QueryCostError(GraphQLError):
    """More is asked for than is answered at once."""


def check(document: ast.Document) -> None:
    """Look whether a query may be run.

    Raises
    ------
    QueryCostError
        It may not.
    """
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, ast.FragmentDefinition)
    }
    cost = _Cost(fragments)
    for definition in document.definitions:
        if isinstance(definition, ast.OperationDefinition):
            cost.add(definition.selection_set, _TOP_COST)
        elif isinstance(definition, ast.FragmentDefinition):
            # Validated even where nothing uses it.
            cost.add(definition.selection_set, 1)


class _Cost:
    def __init__(self, fragments: Mapping[str, ast.FragmentDefinition]) -> None:
        self._fragments = fragments
        self._sum = 0

    def add(
        self, selections: ast.SelectionSet | None, price: int, depth: int = 1, lists: int = 0
    ) -> None:
        if selections is None:
            return
        if depth > DEPTH:
            # A fragment that uses itself ends here too.
            raise QueryCostError(f"The query is nested deeper than {DEPTH} levels.")
        for selection in selections.selections:
            self._sum += price
            if self._sum > COST:
                raise QueryCostError(f"The query exceeds the maximum cost of {COST}.")
            match selection:
                case ast.Field():
                    inner = lists + (selection.name.value in _INTROSPECTED)
                    if inner > _INTROSPECTION:
                        raise QueryCostError("Introspection is nested too deep.")
                    self.add(selection.selection_set, 1, depth + 1, inner)
                case ast.FragmentSpread():
                    fragment = self._fragments.get(selection.name.value)
                    if fragment is not None:
                        self.add(fragment.selection_set, price, depth + 1, lists)
                case ast.InlineFragment():
                    self.add(selection.selection_set, price, depth + 1, lists)
