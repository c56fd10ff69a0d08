"""``guanjia central proposals``: lines that people wrote beyond their roles, which the bureau accepts or declines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from sqlalchemy import Connection, select

from store.ledger.hlc import ms_from_hlc
from store.values.text import normalize_name
from sync.central.admin.admin import lock_named_district
from sync.central.admin.operator import iso_time, operator_name
from sync.central.admin.setup import read_central, resolve_district, write_central
from sync.central.db.database import is_one_of
from sync.central.db.tables import ACCOUNT, LINE, ProposalRow
from sync.central.exceptions import NoSuchProposal
from sync.central.reads.waiting import line_of_waiting, undecided_proposals
from sync.central.writes.decisions import DecisionResult, chosen_rows, decide_proposed


class ProposalJson(TypedDict):
    """A proposal that waits: what it says, who wrote it and when it came; ``replaces``: the central has a line of this
    id already."""

    id: str
    kind: str
    project: str | None
    person: str
    written: str
    brought: str
    replaces: bool
    body: dict[str, object]


def proposals(data_dir: Path, *, district: str | None = None) -> list[ProposalJson]:
    """What waits for a decision, in the order in which it came. Raises `DistrictNotSpecified`."""
    with read_central(data_dir) as connection:
        code = resolve_district(connection, district)
        waiting = undecided_proposals(connection, code)
        people = _people(connection, code)
        ids = [row.id for row in waiting]
        stored = select(LINE.c.id).where(LINE.c.district == code, is_one_of(connection, LINE.c.id, ids))
        known = set(connection.execute(stored).scalars())
        return [_proposal_json(row, people, row.id in known) for row in waiting]


def decide_proposals(
    data_dir: Path,
    accept: Sequence[str] | None = (),
    reject: Sequence[str] = (),
    *,
    district: str | None = None,
) -> DecisionResult:
    """Decline what waits of some lines (ids) or people (names) and accept that of others, or all the rest with None, in
    one transaction: accepted lines are taken in as what they are, of the same author and time. Raises `NoSuchProposal`
    or `ContradictingDecision`, before anything is changed."""
    with write_central(data_dir) as connection:
        counter = lock_named_district(connection, district)
        waiting, people = undecided_proposals(connection, counter.district), _people(connection, counter.district)
        names = {row.seq: {row.id, normalize_name(people.get(row.account, ""))} for row in waiting}
        ids = {row.id for row in waiting}
        wanted = None if accept is None else _names(accept, ids)
        accepted, declined = chosen_rows(waiting, names, wanted, _names(reject, ids), NoSuchProposal)
        result = decide_proposed(connection, counter, accepted, declined, by=operator_name())
        counter.save(connection)
        return result


def _names(typed: Sequence[str], ids: set[str]) -> list[str]:
    """Ids as they are, and names as they are compared."""
    return [name if name in ids else normalize_name(name) for name in typed]


def _people(connection: Connection, district: str) -> dict[str, str]:
    """The names of accounts, by id."""
    rows = connection.execute(select(ACCOUNT.c.id, ACCOUNT.c.name).where(ACCOUNT.c.district == district))
    return {row[0]: row[1] for row in rows}


def _proposal_json(row: ProposalRow, people: dict[str, str], is_known: bool) -> ProposalJson:
    line = line_of_waiting(row)
    return {
        "id": row.id, "kind": line.kind, "project": line.project, "person": people.get(row.account, row.account),
        "written": iso_time(ms_from_hlc(line.stamp)), "brought": iso_time(row.at), "replaces": is_known,
        "body": dict(line.body),
    }  # fmt: skip
