"""What OpenAPI says of the requests: the routes read bodies themselves (compressed, bounded), so it is told here."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from sync import protocol

_REF_TEMPLATE = "#/components/schemas/{model}"
_REQUESTS: tuple[type[BaseModel], ...] = (
    protocol.JoinRequest,
    protocol.HelloRequest,
    protocol.PushRequest,
    protocol.PullRequest,
    protocol.FetchRequest,
    protocol.VerifyRequest,
    protocol.RenewRequest,
)


class ErrorAnswer(BaseModel):
    """Every answer other than 200: a stable code, and a detail for who reads logs."""

    code: str
    detail: str


def request_body(model: type[BaseModel]) -> dict[str, Any]:
    """The part of a route's description that names the model of its body."""
    content = {"application/json": {"schema": {"$ref": _REF_TEMPLATE.format(model=model.__name__)}}}
    return {"requestBody": {"required": True, "content": content}}


def add_request_schemas(app: FastAPI) -> None:
    """Make the application's OpenAPI name the request models too."""
    plain = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            _, definitions = models_json_schema(
                [(model, "validation") for model in _REQUESTS], ref_template=_REF_TEMPLATE
            )
            described = plain()
            described["components"]["schemas"] |= definitions["$defs"]
            app.openapi_schema = described
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]
