"""``guanjia central healing``: who has come back since the central was set back, what is still missing, what the bureau
has to decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TypedDict, TypeVar

import orjson
from sqlalchemy import Connection, Table, bindparam, exists, func, select, update

from store.ledger.buckets import Area
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import parse_line
from sync.central import audit, epochs
from sync.central.accounts import roles
from sync.central.accounts.authentication import Caller
from sync.central.admin.admin import lock_named_district
from sync.central.admin.operator import iso_time, operator_name
from sync.central.admin.setup import read_central, resolve_district, write_central
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import (
    ACCOUNT,
    AUDIT,
    BUCKET,
    CLAIM,
    DEVICE,
    HEALING_DEVICE,
    LINE,
    REGAINED,
    ClaimRow,
    EpochRow,
    ProposalRow,
)
from sync.central.exceptions import NoSuchClaim
from sync.central.writes.close_out_numbers import check_numbers
from sync.central.writes.heal_transaction import BY_DECISION, HealTransaction
from sync.central.writes.validation import FAR_FUTURE_MS, ValidLine, validate_line

WaitingT = TypeVar("WaitingT", ClaimRow, ProposalRow)
ACCEPTED, REJECTED = "accepted", "rejected"
_ROOTED = tuple(map(str, (Area.HEAD, Area.ISSUE, Area.PROCEDURE)))


class HealingDeviceJson(TypedDict):
    """A device in the report: when it came back in this epoch and was found equal, if it has; what it brought."""

    device: str
    name: str
    person: str
    seen_at: str
    back: str | None
    equal: str | None
    regained: int
    claimed: int
    refused: int


class ClaimJson(TypedDict):
    """A version without a receipt that waits for a decision: what it says, and who brought it."""

    id: str
    kind: str
    author: str
    written: str
    deleted: bool
    body: dict[str, object]
    person: str
    device: str
    brought: str


class MissingJson(TypedDict):
    """What is known to be missing: devices that have not come back, close-out numbers that no line has, projects,
    issues and procedures (ids) of which only other lines are there."""

    devices: list[str]
    numbers: list[str]
    lines: list[str]


class HealingJson(TypedDict):
    """The report, as ``guanjia central healing --json`` prints it. ``epoch`` 1: the central was never set back.
    ``doubled_numbers``: close-out numbers that several issues claim. ``unknown_tokens``: how often a token that the
    central does not know was refused since: perhaps of somebody who had joined after the backup."""

    epoch: int
    begun_at: str
    cause: str
    devices: list[HealingDeviceJson]
    regained: int
    missing: MissingJson
    claims: list[ClaimJson]
    doubled_numbers: dict[str, list[str]]
    whole: bool
    unknown_tokens: int


def healing_report(data_dir: Path, *, district: str | None = None) -> HealingJson:
    """How far the central has been healed since it was last set back. Raises `DistrictNotSpecified`."""
    with read_central(data_dir) as connection:
        code = resolve_district(connection, district)
        present = epochs.epochs(connection, code)[-1]
        devices = _devices(connection, present)
        numbers = check_numbers(connection, code)
        regained = select(func.count()).where(REGAINED.c.district == code, REGAINED.c.seq > present.seq)
        waiting = [device for device in devices if present.n > 1 and device["equal"] is None]
        absent = [f"{device['person']} {device['name']}" for device in waiting]
        return {
            "epoch": present.n,
            "begun_at": iso_time(present.begun_at),
            "cause": present.cause,
            "devices": devices,
            "regained": connection.execute(regained).scalar_one(),
            "missing": {"devices": absent, "numbers": numbers.missing, "lines": _rootless(connection, code)},
            "claims": [_claim_json(connection, row) for row in _undecided(connection, code)],
            "doubled_numbers": numbers.doubled,
            "whole": present.n == 1 or epochs.is_whole(connection, code),
            "unknown_tokens": 0 if present.n == 1 else _unknown_tokens(connection, present),
        }


def _unknown_tokens(connection: Connection, present: EpochRow) -> int:
    refused = select(AUDIT.c.detail).where(
        AUDIT.c.district == present.district, AUDIT.c.action == "token_refused", AUDIT.c.seq > present.seq
    )
    details = connection.execute(refused).scalars()
    return sum(orjson.loads(detail)["code"] == "unknown_token" for detail in details)


def decide_claims(data_dir: Path, ids: Sequence[str] | None, decision: str, *, district: str | None = None) -> int:
    """Accept (or reject) what waits of these lines, or all of it with None: accepted versions are taken in as what
    they are. Gives how many were decided. Raises `NoSuchClaim`, before anything is changed, for a line of which none
    waits."""
    with write_central(data_dir) as connection:
        counter = lock_named_district(connection, district)
        waiting = _undecided(connection, counter.district)
        for line_id in ids or ():
            if line_id not in {row.id for row in waiting}:
                raise NoSuchClaim(id=line_id)
        chosen = [row for row in waiting if ids is None or row.id in ids]
        if decision == ACCEPTED:
            _accept(connection, counter, chosen)
        note_decision(connection, CLAIM, chosen, decision)
        audit.record_event(
            connection, counter, "claims", by=operator_name(), decision=decision, lines=[row.id for row in chosen[:100]]
        )
        counter.save(connection)
        return len(chosen)


def by_witness(
    connection: Connection, counter: DistrictCounter, rows: Sequence[WaitingT]
) -> Iterator[tuple[Caller, list[WaitingT]]]:
    """What waits, by who brought it, with them as the caller of a write."""
    ordered = sorted(rows, key=lambda row: (row.account, row.device))
    epoch = epochs.epochs(connection, counter.district)[-1].id
    for (account, device), theirs in groupby(ordered, key=lambda row: (row.account, row.device)):
        grants = tuple(roles.grants_of(connection, counter.district, [account])[account])
        witness = Caller(
            counter.district, account, "", "", device, "", 0, grants, counter.secret, "", "", counter.seq,
            counter.total, epoch,
        )  # fmt: skip
        yield witness, list(theirs)


def _accept(connection: Connection, counter: DistrictCounter, claims: Sequence[ClaimRow]) -> None:
    """Take in these versions, each with the device that brought it as the witness."""
    for witness, rows in by_witness(connection, counter, claims):
        versions = [validate_line(orjson.loads(row.wire), FAR_FUTURE_MS) for row in rows]
        valid = [version for version in versions if isinstance(version, ValidLine)]
        HealTransaction(connection, witness, counter).regain(valid, BY_DECISION, None)


def _devices(connection: Connection, present: EpochRow) -> list[HealingDeviceJson]:
    """The devices that are in use and not revoked, those first that have not come back."""
    mine = (HEALING_DEVICE.c.district == DEVICE.c.district) & (HEALING_DEVICE.c.device == DEVICE.c.id)
    rows = connection.execute(
        select(
            DEVICE.c.id, DEVICE.c.name, ACCOUNT.c.name, DEVICE.c.seen_at, HEALING_DEVICE.c.back_at,
            HEALING_DEVICE.c.equal_at, HEALING_DEVICE.c.regained, HEALING_DEVICE.c.claimed, HEALING_DEVICE.c.refused,
        )
        .join(ACCOUNT, (ACCOUNT.c.district == DEVICE.c.district) & (ACCOUNT.c.id == DEVICE.c.account))
        .outerjoin(HEALING_DEVICE, mine & (HEALING_DEVICE.c.epoch == present.n))
        .where(
            DEVICE.c.district == present.district, DEVICE.c.revoked_at.is_(None), DEVICE.c.used_at.is_not(None)
        )
        .order_by(DEVICE.c.created_at, DEVICE.c.id)
    ).all()  # fmt: skip
    return sorted((_device_json(*row) for row in rows), key=lambda device: device["equal"] is not None)


def _device_json(
    device: str, name: str, person: str, seen_at: int, back: int | None, equal: int | None, *counts: int | None
) -> HealingDeviceJson:
    regained, claimed, refused = (count or 0 for count in counts)
    return {
        "device": device, "name": name, "person": person, "seen_at": iso_time(seen_at),
        "back": None if back is None else iso_time(back), "equal": None if equal is None else iso_time(equal),
        "regained": regained, "claimed": claimed, "refused": refused,
    }  # fmt: skip


def _rootless(connection: Connection, district: str) -> list[str]:
    """The ids of projects, issues and procedures whose own line is missing while others of their bucket are there."""
    root = func.substr(BUCKET.c.bucket, 3)
    own = exists().where(LINE.c.district == district, LINE.c.id == root, ~LINE.c.damaged)
    chosen = select(root).where(BUCKET.c.district == district, BUCKET.c.area.in_(_ROOTED), BUCKET.c.lines > 0, ~own)
    return sorted(connection.execute(chosen).scalars())


def note_decision(
    connection: Connection, table: Table, rows: Sequence[ClaimRow] | Sequence[ProposalRow], decision: str
) -> None:
    """Note what was decided about these rows of the table of claims or of proposals, however many they are."""
    same = (table.c.district == bindparam("its_district")) & (table.c.seq == bindparam("its_seq"))
    if rows:
        keys = [{"its_district": row.district, "its_seq": row.seq} for row in rows]
        connection.execute(update(table).where(same).values(decision=decision), keys)


def _undecided(connection: Connection, district: str) -> list[ClaimRow]:
    chosen = select(CLAIM).where(CLAIM.c.district == district, CLAIM.c.decision.is_(None)).order_by(CLAIM.c.seq)
    return [ClaimRow(*row) for row in connection.execute(chosen)]


def _claim_json(connection: Connection, claim: ClaimRow) -> ClaimJson:
    line = parse_line(orjson.loads(claim.wire))
    author, witness = ACCOUNT.alias("author"), ACCOUNT.alias("witness")
    here = select(author.c.name).where(author.c.district == claim.district, author.c.person == line.author)
    brought_by = select(witness.c.name).where(witness.c.district == claim.district, witness.c.id == claim.account)
    return {
        "id": claim.id, "kind": line.kind, "author": connection.execute(here).scalar() or line.author,
        "written": iso_time(ms_from_hlc(line.stamp)), "deleted": line.deleted, "body": dict(line.body),
        "person": connection.execute(brought_by).scalar() or claim.account, "device": claim.device,
        "brought": iso_time(claim.at),
    }  # fmt: skip
