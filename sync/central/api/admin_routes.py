"""The endpoints of the bureau's seat, below ``/v1/admin``: a table of call, models and step, since all are alike."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from sync import admin_protocol as protocol
from sync.central.api.answering import ERRORS, ContextDep, answer
from sync.central.api.bodies import parse_request
from sync.central.api.openapi import request_body
from sync.central.api.wire import BUCKET_NAMES, SMALL, RequestBounds
from sync.central.request import RequestContext
from sync.central.steps.admin_accounts import (
    answer_accounts,
    answer_devices,
    answer_figures,
    answer_readmit,
    answer_stop,
)
from sync.central.steps.admin_audit import answer_audit
from sync.central.steps.admin_invites import answer_code_withdrawal, answer_codes, answer_invite
from sync.central.steps.admin_person import answer_person
from sync.central.steps.admin_waiting import answer_decision, answer_waiting

QuestionT = TypeVar("QuestionT", bound=BaseModel)
AnswerT = TypeVar("AnswerT", bound=BaseModel)
admin_router = APIRouter(responses={**ERRORS, 409: {"description": "A name that means nobody, or several."}})


class AdminCall(NamedTuple):
    """A call as OpenAPI describes it, and the endpoint that answers it."""

    path: str
    summary: str
    question: type[BaseModel]
    answer: type[BaseModel]
    endpoint: Callable[[Request, RequestContext], Awaitable[Response]]


def _call(
    path: str,
    summary: str,
    question: type[QuestionT],
    answered: type[AnswerT],
    step: Callable[[RequestContext, QuestionT], AnswerT],
    bounds: RequestBounds = SMALL,
) -> AdminCall:
    async def endpoint(request: Request, context: ContextDep) -> Response:
        return await answer(request, context, lambda body: step(context, parse_request(question, body)), bounds)

    return AdminCall(path, summary, question, answered, endpoint)


CALLS = (
    _call(
        protocol.INVITE, "Make a one-time code for one person", protocol.InviteRequest, protocol.InviteAnswer,
        answer_invite,
    ),
    _call(protocol.CODES, "The one-time codes that wait", protocol.CodesRequest, protocol.CodesAnswer, answer_codes),
    _call(
        protocol.WITHDRAW_CODE, "End a one-time code", protocol.WithdrawCodeRequest, protocol.WithdrawCodeAnswer,
        answer_code_withdrawal,
    ),
    _call(
        protocol.ACCOUNTS, "Accounts and their roles", protocol.AccountsRequest, protocol.AccountsAnswer,
        answer_accounts,
    ),
    _call(
        protocol.DEVICES, "Devices and what they report", protocol.DevicesRequest, protocol.DevicesAnswer,
        answer_devices,
    ),
    _call(protocol.STOP, "Stop a device or a person", protocol.StopRequest, protocol.DevicesAnswer, answer_stop),
    _call(
        protocol.READMIT, "Let in again a device that has not synced for long", protocol.ReadmitRequest,
        protocol.DevicesAnswer, answer_readmit,
    ),
    _call(protocol.AUDIT, "Who did what, filtered", protocol.AuditRequest, protocol.AuditAnswer, answer_audit),
    _call(
        protocol.PERSON, "What is held on one person", protocol.PersonRequest, protocol.PersonAnswer, answer_person
    ),
    _call(protocol.FIGURES, "How much there is", protocol.FiguresRequest, protocol.FiguresAnswer, answer_figures),
    _call(
        protocol.WAITING, "What waits for the bureau's decision", protocol.WaitingRequest, protocol.WaitingAnswer,
        answer_waiting,
    ),
    _call(
        protocol.DECIDE, "Accept and decline what waits", protocol.DecideRequest, protocol.DecideAnswer,
        answer_decision, BUCKET_NAMES,
    ),
)  # fmt: skip
"""Every call of the bureau's seat."""

for each in CALLS:
    admin_router.add_api_route(
        each.path, each.endpoint, methods=["POST"], summary=each.summary, response_model=each.answer,
        name=each.path.rpartition("/")[2], openapi_extra=request_body(each.question),
    )  # fmt: skip
