"""What every route does around its step: the context of the request, the body with its bounds, the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import orjson
from fastapi import Depends, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from sync import protocol
from sync.central.api.admission import Admission
from sync.central.api.wire import (
    RAW_PARTS,
    SMALL,
    RequestBounds,
    announced_length,
    decode_body,
    is_costly,
    json_response,
    raw_response,
    read_body,
)
from sync.central.db.failures import retry_conflicts
from sync.central.request import RequestContext

ERRORS: dict[int | str, dict[str, object]] = {
    code: {"model": protocol.ErrorAnswer} for code in (401, 403, 413, 422, 426, 429, 503, 507)
}
_BEARER = HTTPBearer(auto_error=False, description="The device's token, given once by join or renew.")


async def request_context(
    request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)] = None
) -> RequestContext:
    """The context of one request. Raises `Refusal` (400) where it is not clear how long the request is."""
    announced_length(request)
    state = request.app.state
    address = request.client.host if request.client else ""
    token = bearer.credentials if bearer else None
    context = RequestContext(
        state.database,
        token,
        address,
        state.clock_ms,
        state.clock_is_synchronised,
        state.recent_checks,
        state.limits,
        state.random_bytes,
    )
    context.first_syncs_wait, context.objects = True, state.objects
    return context


ContextDep = Annotated[RequestContext, Depends(request_context)]


async def answer(
    request: Request,
    context: RequestContext,
    work: Callable[[bytes], bytes | BaseModel],
    bounds: RequestBounds = SMALL,
    *,
    needs_token: bool = True,
) -> Response:
    """Read the body, after the token was looked up where that is cheaper; in a thread, decode the body, do the work and
    encode the answer. Raises `Refusal` where the device is to come back later (``admission.py``)."""
    headers = request.headers

    def respond(raw: bytes) -> Response:
        done = work(decode_body(raw, headers.get("content-encoding", ""), bounds))
        content = orjson.dumps(done.model_dump()) if isinstance(done, BaseModel) else done
        return json_response(content, headers.get("accept-encoding", ""))

    return await _answer(request, context, respond, bounds, needs_token=needs_token)


async def answer_sent_bytes(request: Request, context: RequestContext, work: Callable[[bytes], BaseModel]) -> Response:
    """As `answer`, for a body that has bytes as they are: what came of one that was cut off is worked on too, though
    nobody hears of it."""

    def respond(raw: bytes) -> Response:
        return json_response(orjson.dumps(work(raw).model_dump()), "")

    return await _answer(request, context, respond, RAW_PARTS, keeps_cut=True)


async def answer_with_bytes(
    request: Request, context: RequestContext, work: Callable[[bytes], bytes | BaseModel]
) -> Response:
    """As `answer`, where the answer has bytes as they are, or a message that there are none."""

    def respond(raw: bytes) -> Response:
        done = work(decode_body(raw, request.headers.get("content-encoding", ""), SMALL))
        return json_response(orjson.dumps(done.model_dump()), "") if isinstance(done, BaseModel) else raw_response(done)

    return await _answer(request, context, respond, SMALL)


async def _answer(
    request: Request,
    context: RequestContext,
    respond: Callable[[bytes], Response],
    bounds: RequestBounds,
    *,
    needs_token: bool = True,
    keeps_cut: bool = False,
) -> Response:
    admission: Admission = request.app.state.admission
    who = context.token or (request.client.host if request.client else "")
    with admission.place(context.token, who):
        if needs_token and (context.token is None or is_costly(request)):
            await admission.run(lambda: context.run_rate_limited(context.check_token))
        with request.app.state.body_budget.reserve(request, bounds, who):
            raw = await read_body(request, bounds, keeps_cut=keeps_cut)

            def run() -> Response:
                return respond(raw)

            return await admission.answer(context, lambda: context.run_rate_limited(lambda: retry_conflicts(run)))
