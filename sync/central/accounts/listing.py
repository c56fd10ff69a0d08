"""What the bureau sees of its district's accounts, devices and codes: pages by key, each a constant number of
statements."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from sqlalchemy import ColumnElement, Connection, and_, func, select

from sync.admin_protocol import (
    MAX_CODES,
    AccountInfo,
    AccountsAnswer,
    AccountsRequest,
    CodeInfo,
    CodesAnswer,
    DeviceInfo,
    DevicesAnswer,
    DevicesRequest,
    FiguresAnswer,
)
from sync.central.accounts import roles
from sync.central.accounts.authentication import Caller, is_let_in
from sync.central.accounts.invites import waiting_codes
from sync.central.accounts.name_lookup import account_id
from sync.central.accounts.scope import Grant
from sync.central.accounts.token_life import DAY_MS, TokenLife
from sync.central.db.database import is_one_of
from sync.central.db.tables import ACCOUNT, DEVICE, DISTRICT, INVITE, LINE, VERSION
from sync.protocol import RoleGrant

UNSEEN_DAYS = 30
"""A device that was not seen for so long is counted in the figures."""


def accounts_page(connection: Connection, district: str, asked: AccountsRequest, life: TokenLife) -> AccountsAnswer:
    """A page of accounts with their roles and the devices that are let in."""
    accounts = _accounts(connection, district, ACCOUNT.c.id > (asked.after or ""), asked.limit + 1, life)
    return AccountsAnswer(accounts=accounts[: asked.limit], more=len(accounts) > asked.limit)


def accounts_of_people(
    connection: Connection, district: str, people: Sequence[str], life: TokenLife
) -> list[AccountInfo]:
    """The accounts of these people."""
    return _accounts(connection, district, is_one_of(connection, ACCOUNT.c.person, people), len(people), life)


def devices_of_accounts(
    connection: Connection, caller: Caller, accounts: Sequence[str], after: str, limit: int, life: TokenLife
) -> DevicesAnswer:
    """The devices of accounts (ids) whose ids are greater than ``after``, by id, at most so many."""
    chosen = [is_one_of(connection, DEVICE.c.account, accounts), DEVICE.c.id > after]
    devices = _devices(connection, caller, chosen, limit + 1, life)
    return DevicesAnswer(devices=devices[:limit], more=len(devices) > limit)


def _accounts(
    connection: Connection, district: str, chosen: ColumnElement[bool], limit: int, life: TokenLife
) -> list[AccountInfo]:
    live = and_(
        DEVICE.c.district == ACCOUNT.c.district, DEVICE.c.account == ACCOUNT.c.id, is_let_in(life.stopped_before)
    )
    rows = connection.execute(
        select(
            ACCOUNT.c.id, ACCOUNT.c.name, ACCOUNT.c.person, ACCOUNT.c.created_at, func.count(DEVICE.c.id),
            func.max(DEVICE.c.seen_at),
        )
        .select_from(ACCOUNT)
        .outerjoin(DEVICE, live)
        .where(ACCOUNT.c.district == district, chosen)
        .group_by(ACCOUNT.c.id, ACCOUNT.c.name, ACCOUNT.c.person, ACCOUNT.c.created_at)
        .order_by(ACCOUNT.c.id)
        .limit(limit)
    ).all()  # fmt: skip
    grants = roles.grants_of(connection, district, [row[0] for row in rows])
    return [
        AccountInfo(
            id=account, name=name, person=person, created_at=since, roles=_role_grants(grants[account]),
            devices=devices, seen_at=seen,
        )
        for account, name, person, since, devices, seen in rows
    ]  # fmt: skip


def devices_page(connection: Connection, caller: Caller, asked: DevicesRequest, life: TokenLife) -> DevicesAnswer:
    """A page of devices. Raises `UnknownName`, `AmbiguousName` where the account that it asks for is not one."""
    conditions: list[ColumnElement[bool]] = [DEVICE.c.id > (asked.after or "")]
    if asked.account is not None:
        conditions.append(DEVICE.c.account == account_id(connection, caller.district, asked.account))
    if asked.unseen_days is not None:
        conditions += _unseen(life.now_ms, asked.unseen_days)
    devices = _devices(connection, caller, conditions, asked.limit + 1, life)
    return DevicesAnswer(devices=devices[: asked.limit], more=len(devices) > asked.limit)


def devices_of_ids(connection: Connection, caller: Caller, ids: Sequence[str], life: TokenLife) -> DevicesAnswer:
    """These devices."""
    return DevicesAnswer(devices=_devices(connection, caller, [DEVICE.c.id.in_(ids)], len(ids), life))


def _devices(
    connection: Connection, caller: Caller, conditions: Sequence[ColumnElement[bool]], limit: int, life: TokenLife
) -> list[DeviceInfo]:
    names = ("id", "name", "account", "created_at", "seen_at", "program", "unsent", "refused", "offset_ms")
    own = (ACCOUNT.c.district == DEVICE.c.district) & (ACCOUNT.c.id == DEVICE.c.account)
    rows = connection.execute(
        select(ACCOUNT.c.name, DEVICE.c.revoked_at, DEVICE.c.admitted_at, *(DEVICE.c[name] for name in names))
        .join(ACCOUNT, own)
        .where(DEVICE.c.district == caller.district, *conditions)
        .order_by(DEVICE.c.id)
        .limit(limit)
    )
    said = ("person_name", "revoked_at", "admitted_at", *names)
    return [_device_info(dict(zip(said, row, strict=True)), caller, life) for row in rows]


def _device_info(facts: dict[str, int | str | None], caller: Caller, life: TokenLife) -> DeviceInfo:
    """A device with the times at which its token has expired, and it was stopped: by the bureau, or by its absence."""
    seen, admitted, revoked = (int(facts[name] or 0) for name in ("seen_at", "admitted_at", "revoked_at"))
    alive_since, lived_ms = max(seen, admitted, caller.restored_at), life.days * DAY_MS
    expired = alive_since + lived_ms if alive_since < life.expired_before and not revoked else None
    stopped = alive_since + life.limits.stop_days * DAY_MS if alive_since < life.stopped_before else None
    why = "revoked" if revoked else "unseen" if stopped else None
    return DeviceInfo.model_validate(
        {**facts, "expired_at": expired, "stopped_at": revoked or stopped, "stopped_why": why}
    )


def codes_list(connection: Connection, district: str, now_ms: int) -> CodesAnswer:
    """The codes that wait."""
    waiting = waiting_codes(connection, district, now_ms, MAX_CODES)
    codes = [
        CodeInfo(
            id=code.id, name=code.name, account=code.account, created_at=code.created_at, expires_at=code.expires_at,
            roles=_role_grants([Grant(*grant) for grant in orjson.loads(code.roles)]),
        )
        for code in waiting
    ]  # fmt: skip
    return CodesAnswer(codes=codes)


def figures(connection: Connection, district: str, life: TokenLife) -> FiguresAnswer:
    """How much there is, in one statement."""
    live = (DEVICE.c.district == district, is_let_in(life.stopped_before))
    counts = {
        "versions": select(func.count()).where(VERSION.c.district == district),
        "accounts": select(func.count()).where(ACCOUNT.c.district == district),
        "devices": select(func.count()).where(*live),
        "unseen": select(func.count()).where(DEVICE.c.district == district, *_unseen(life.now_ms, UNSEEN_DAYS)),
        "codes": select(func.count()).where(
            INVITE.c.district == district, INVITE.c.used_at.is_(None), INVITE.c.expires_at > life.now_ms
        ),
        "damaged": select(func.count()).where(LINE.c.district == district, LINE.c.damaged),
    }
    lines = select(DISTRICT.c.lines).where(DISTRICT.c.code == district)
    parts = {"lines": lines, **counts}
    row = connection.execute(select(*(part.scalar_subquery() for part in parts.values()))).one()
    return FiguresAnswer.model_validate(dict(zip(parts, row, strict=True)))


def _unseen(now_ms: int, days: int) -> tuple[ColumnElement[bool], ...]:
    return DEVICE.c.revoked_at.is_(None), DEVICE.c.seen_at < now_ms - days * DAY_MS


def _role_grants(grants: Sequence[Grant]) -> list[RoleGrant]:
    return [RoleGrant(**grant._asdict()) for grant in grants]
