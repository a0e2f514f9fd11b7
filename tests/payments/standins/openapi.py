"""OpenAPI descriptions, and what is not as they say."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from saleor_1c_plugin.sandbox.standins.messages import Answer, Request

from .contract import Schema, Violation


class Description:
    """An OpenAPI 3.0 description; see :class:`~.contract.Contract`.

    Parameters
    ----------
    prefix
        Of paths at the stand-in; the description has it in the address of its server.
    security
        The scheme by which stand-ins know who calls: descriptions offer more than one, and some
        of them can't be checked. Empty: none can, and only the stand-in does.
    """

    def __init__(self, description: Mapping[str, Any], prefix: str, security: str) -> None:
        plain = _plain(description, description["components"]["schemas"])
        self._description: Schema = {
            **plain,
            "servers": [{"url": prefix}],
            "security": [{security: []}] if security else [],
        }
        for methods in self._description["paths"].values() if not security else ():
            for operation in methods.values():
                if isinstance(operation, dict):
                    operation.pop("security", None)
        # The description's own validity is the provider's business, and takes seconds to check.
        api = OpenAPI.from_dict(self._description, config=Config(spec_validator_cls=None))
        self._requests = api.request_validator
        self._answers = api.response_validator
        self._paths = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", prefix + path)), methods)
            for path, methods in self._description["paths"].items()
        ]

    def request(self, request: Request) -> list[Violation]:
        """What is wrong with a request; what nobody has described is wrong, too."""
        about = f"{request.method} {request.path}"
        found = [*_read(self._requests.iter_errors(_Asked(request))), *self._undescribed(request)]
        return [Violation("request", about, where, reason) for where, reason in found]

    def answer(self, request: Request, answer: Answer, side: str = "answer") -> list[Violation]:
        about = f"{request.method} {request.path}: {answer.status}"
        errors = self._answers.iter_errors(_Asked(request), _Given(answer))
        found = [*_read(errors), *self._undescribed_fields(request, answer)]
        return [Violation(side, about, where, reason) for where, reason in found]

    def schema(self, name: str) -> Schema:
        found: Schema = self._description["components"]["schemas"][name]
        return found

    def _operation(self, request: Request) -> Schema:
        for pattern, methods in self._paths:
            if pattern.fullmatch(request.path):
                found: Schema = methods.get(request.method.lower(), {})
                return found
        return {}

    def _undescribed(self, request: Request) -> Iterator[tuple[str, str]]:
        operation = self._operation(request)
        parameters = [self._resolved(one)[0] for one in operation.get("parameters", ())]
        names = {one["name"] for one in parameters if one["in"] == "query"}
        for name in request.query.keys() - names:
            yield name, "is no parameter that the description knows"
        yield from self._unknown(operation.get("requestBody", {}), request.json)

    def _undescribed_fields(self, request: Request, answer: Answer) -> Iterator[tuple[str, str]]:
        answers = self._operation(request).get("responses", {})
        described = answers.get(str(answer.status), answers.get("default", {}))
        if answer.body:
            yield from self._unknown(self._resolved(described)[0], json.loads(answer.body))

    def _unknown(self, described: Schema, value: Any) -> Iterator[tuple[str, str]]:
        """Of the body of a request or an answer."""
        content = described.get("content", {}).get("application/json", {})
        for where in self._unknown_fields(content.get("schema", {}), value, ""):
            yield where, "is no field that the description knows"

    def _unknown_fields(self, schema: Schema, value: Any, where: str) -> Iterator[str]:
        if isinstance(value, list):
            items = {"allOf": [one.get("items", {}) for one in self._resolved(schema, value)]}
            for number, item in enumerate(value):
                yield from self._unknown_fields(items, item, f"{where}.{number}".lstrip("."))
        if not isinstance(value, dict) or not schema:
            return
        schemas = self._resolved(schema, value)
        if any("additionalProperties" in one for one in schemas):
            return
        fields: dict[str, Schema] = {}
        for one in schemas:
            for name, inner in one.get("properties", {}).items():
                fields[name] = {"allOf": [fields[name], inner]} if name in fields else inner
        for name, inner in value.items():
            path = f"{where}.{name}".lstrip(".")
            if name in fields:
                yield from self._unknown_fields(fields[name], inner, path)
            else:
                yield path

    def _resolved(self, schema: Schema, value: Any = None) -> list[Schema]:
        """All schemas that speak of a value together; first what a reference refers to."""
        if "$ref" in schema:
            found: Any = self._description
            for step in schema["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            return self._resolved(found, value)
        together = [schema]
        for part in schema.get("allOf", ()):
            together += self._resolved(part, value)
        for part in schema.get("anyOf", ()):
            together += self._resolved(part, value)
        if "oneOf" in schema and "discriminator" not in schema:
            for part in schema["oneOf"]:
                together += self._resolved(part, value)
        elif "oneOf" in schema and isinstance(value, dict):
            kind = str(value.get(schema["discriminator"]["propertyName"]))
            chosen = schema["discriminator"]["mapping"].get(kind)
            # Of a kind that is not there nobody can say which fields it has.
            unknown: Schema = {"additionalProperties": True}
            together += self._resolved({"$ref": chosen} if chosen else unknown, value)
        return together


def described(path: Path, prefix: str, security: str) -> Description:
    """The description of this file."""
    with path.open(encoding="utf-8") as file:
        return Description(yaml.load(file, Loader=yaml.CSafeLoader), prefix, security)


def _plain(node: Any, schemas: Schema) -> Any:
    """A description without two habits that make validators lenient or lose their way.

    A required parameter with a default would never be missing: the default is an example. And
    where a ``oneOf`` names its discriminator, the mapping stands at the alternatives' base alone.
    """
    if isinstance(node, list):
        return [_plain(item, schemas) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: _plain(value, schemas) for key, value in node.items()}
    if made.get("required") is True and "schema" in made:
        made["schema"].pop("default", None)
    if "oneOf" in made and "mapping" not in made.get("discriminator", {"mapping": {}}):
        references = [one["$ref"] for one in made["oneOf"]]
        mapping: dict[str, str] = {}
        for reference in references:
            base = _named(schemas, _named(schemas, reference)["allOf"][0]["$ref"])
            mapping |= base["discriminator"]["mapping"]
        made["discriminator"]["mapping"] = {
            value: target for value, target in mapping.items() if target in references
        }
    return made


def _named(schemas: Schema, reference: str) -> Any:
    return schemas[reference.rpartition("/")[2]]


def _read(errors: Iterable[Exception]) -> Iterator[tuple[str, str]]:
    for error in errors:
        place = str(getattr(error, "name", ""))
        within = getattr(error.__cause__, "schema_errors", ()) or (
            getattr(error, "schema_errors", ())
        )
        for one in within:
            yield place or ".".join(map(str, one.absolute_path)), one.message
        if not within:
            yield place, str(error)


class _Asked:
    """A request, as the validator wants it."""

    def __init__(self, request: Request) -> None:
        self.host_url = "http://127.0.0.1"
        self.path = request.path
        self.method = request.method.lower()
        self.body = request.body or None
        self.content_type = request.headers.get("content-type", "").lower()
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(request.query), header=Headers(dict(request.headers))
        )


class _Given:
    """An answer, as the validator wants it."""

    def __init__(self, answer: Answer) -> None:
        self.status_code = answer.status
        self.data = answer.body
        self.headers = Headers(dict(answer.headers))
        self.content_type = answer.content_type
