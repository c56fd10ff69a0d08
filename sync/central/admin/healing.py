"""``guanjia central healing``: who has come back since the central was set back, what is still missing, what the bureau
has to decide."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import orjson
from sqlalchemy import Connection, exists, func, select

from store.ledger.buckets import Area
from store.ledger.hlc import ms_from_hlc
from sync.central import epochs
from sync.central.admin.admin import lock_named_district
from sync.central.admin.operator import iso_time, operator_name
from sync.central.admin.setup import read_central, resolve_district, write_central
from sync.central.db.tables import (
    ACCOUNT,
    AUDIT,
    BUCKET,
    DEVICE,
    HEALING_DEVICE,
    LINE,
    REGAINED,
    ClaimRow,
    EpochRow,
)
from sync.central.exceptions import NoSuchClaim
from sync.central.reads.waiting import line_of_waiting, undecided_claims
from sync.central.writes.close_out_numbers import check_numbers
from sync.central.writes.decisions import DecisionResult, chosen_rows, decide_claimed

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
            "claims": [_claim_json(connection, row) for row in undecided_claims(connection, code)],
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


def decide_claims(
    data_dir: Path,
    accept: Sequence[str] | None = (),
    reject: Sequence[str] = (),
    *,
    district: str | None = None,
) -> DecisionResult:
    """Reject what waits of some lines and accept that of others, or all the rest with None, in one transaction:
    accepted versions are taken in as what they are. Raises `NoSuchClaim` or `ContradictingDecision`, before anything is
    changed."""
    with write_central(data_dir) as connection:
        counter = lock_named_district(connection, district)
        waiting = undecided_claims(connection, counter.district)
        names = {row.seq: {row.id} for row in waiting}
        accepted, rejected = chosen_rows(waiting, names, accept, reject, NoSuchClaim)
        result = decide_claimed(connection, counter, accepted, rejected, by=operator_name())
        counter.save(connection)
        return result


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


def _claim_json(connection: Connection, claim: ClaimRow) -> ClaimJson:
    line = line_of_waiting(claim)
    author, witness = ACCOUNT.alias("author"), ACCOUNT.alias("witness")
    here = select(author.c.name).where(author.c.district == claim.district, author.c.person == line.author)
    brought_by = select(witness.c.name).where(witness.c.district == claim.district, witness.c.id == claim.account)
    return {
        "id": claim.id, "kind": line.kind, "author": connection.execute(here).scalar() or line.author,
        "written": iso_time(ms_from_hlc(line.stamp)), "deleted": line.deleted, "body": dict(line.body),
        "person": connection.execute(brought_by).scalar() or claim.account, "device": claim.device,
        "brought": iso_time(claim.at),
    }  # fmt: skip
