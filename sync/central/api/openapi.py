"""OpenAPI schemas of the requests: the routes read bodies themselves (compressed, bounded), so FastAPI cannot know
them."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from sync import protocol
from sync.admin_protocol import ExportsRequest
from sync.protocol.authority import AuthorityRequest
from sync.protocol.blobs import BlobGetRequest, BlobPutRequest, BlobReadRequest, BlobStatesRequest
from sync.protocol.carried import HandedInRequest
from sync.protocol.documents import ExchangeMessage
from sync.protocol.evidence.package import EvidenceRequest, SealRequest
from sync.protocol.intake import IntakeRequest

_REF_TEMPLATE = "#/components/schemas/{model}"
_REQUESTS: tuple[type[BaseModel], ...] = (
    protocol.JoinRequest,
    protocol.IdentityRequest,
    AuthorityRequest,
    protocol.HelloRequest,
    protocol.PushRequest,
    protocol.PullRequest,
    protocol.FetchRequest,
    protocol.VerifyRequest,
    protocol.HealRequest,
    protocol.RosterRequest,
    protocol.RenewRequest,
    protocol.InvitationRequest,
    protocol.ReturnRequest,
    protocol.RotateRequest,
    ExchangeMessage,
    ExportsRequest,
    HandedInRequest,
    BlobStatesRequest,
    BlobPutRequest,
    BlobGetRequest,
    BlobReadRequest,
    IntakeRequest,
    EvidenceRequest,
    SealRequest,
)


def request_body(model: type[BaseModel]) -> dict[str, object]:
    """The part of a route's OpenAPI description that names the model of its body."""
    content = {"application/json": {"schema": {"$ref": _REF_TEMPLATE.format(model=model.__name__)}}}
    return {"requestBody": {"required": True, "content": content}}


RAW_BODY: dict[str, object] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""The part for a route whose body has bytes as they are."""


def add_request_schemas(app: FastAPI, more: Sequence[type[BaseModel]] = ()) -> None:
    """Add the request models to the application's OpenAPI description, and ``more``."""
    plain = app.openapi

    def with_requests() -> dict[str, object]:
        if app.openapi_schema is None:
            _, definitions = models_json_schema(
                [(model, "validation") for model in (*_REQUESTS, *more)], ref_template=_REF_TEMPLATE
            )
            described = plain()
            described["components"]["schemas"] |= definitions["$defs"]
            app.openapi_schema = described
        return app.openapi_schema

    app.openapi = with_requests  # type: ignore[method-assign]
