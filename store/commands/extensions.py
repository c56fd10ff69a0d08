"""Extensions of a due date, in write commands: asked for before the limit, granted or refused by who may (domain.md,
issue). The steps are ``store/domain/issue_lifecycle.py``'s; the rule says who grants
(``store/domain/time_rules.py``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from store.commands.exceptions import (
    ExtensionNotAsked,
    ExtensionNotLater,
    ExtensionNotYours,
    ExtensionTooLate,
    OwnExtension,
)
from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.queries.clocks import clocks_of_issues, extending_role_of
from store.queries.issues import IssueDetail, Step
from store.queries.stand_ins import own_side
from store.values.office_hours import minute_number, minute_text
from store.writer.local_writes import Ledger
from store.writer.role_guard import roles_at_central

EXTENSION_VERBS = ("ask-extension", "extend", "refuse-extension")


def open_request(detail: IssueDetail) -> Step | None:
    """The request for an extension that nobody has answered; None where there is none."""
    return next((step for step in detail.steps if step.id == detail.row.extension), None)


def extension_defaults(detail: IssueDetail, verb: str) -> dict[str, str]:
    """The fields of granting an extension that the request has already: its day and its reason."""
    request = open_request(detail) if verb == "extend" else None
    known = {"due": request.due, "reason": request.reason} if request else {}
    return {name: value for name, value in known.items() if value}


def check_extension(
    ledger: Ledger, detail: IssueDetail, verb: str, body: Mapping[str, object], now: datetime
) -> dict[str, str]:
    """The field that names the request which an answer answers. Raises `ExtensionTooLate` for a request after the
    limit, `ExtensionNotLater` where the day is no later one, `ExtensionNotAsked` where there is nothing to answer,
    `ExtensionNotYours` where a rule leaves it to another role, and `OwnExtension` for an answer to one's own
    request."""
    if verb not in EXTENSION_VERBS:
        return {}
    connection, row, request = ledger.database.connection(), detail.row, open_request(detail)
    due = body.get("due")
    if verb == "ask-extension":
        if row.due is not None and isinstance(due, str) and due <= row.due:
            raise ExtensionNotLater(number=row.number, due=row.due)
        _check_in_time(connection, detail, str(body.get("at")), now)
        return {}
    if verb == "refuse-extension" and request is None:
        raise ExtensionNotAsked(number=row.number)
    wanted = extending_role_of(connection, row.id)
    held = roles_at_central(read_device_facts(connection)) if ledger.within_roles else []
    if wanted is not None and held and not {wanted, "bureau"} & {*held}:
        raise ExtensionNotYours(number=row.number, role=wanted)
    if request is None:
        return {}
    side = own_side(connection, now.date().isoformat(), ledger.named_principal)
    is_own = bool(held) and request.author_id in side  # a home that works alone writes for everybody
    if is_own and (verb == "refuse-extension" or wanted is not None):
        raise OwnExtension(number=row.number)
    return {} if is_own else {"request_id": request.id}


def _check_in_time(connection: Connection, detail: IssueDetail, at: str, now: datetime) -> None:
    clocks = clocks_of_issues(connection, [detail.row.id]).get(detail.row.id, ())
    settle = next((clock for clock in clocks if clock.act == "settle"), None)
    asked = minute_text(minute_number(datetime.fromisoformat(at) if at else now))
    if settle is not None and settle.state(asked) == "over":
        raise ExtensionTooLate(number=detail.row.number, limit=settle.limit.replace("T", " "))
