"""The audit: every write with account, device, time, line and version replaced; kept for good, read in pages (R50)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from store.ledger.hlc import hlc_from_ms, system_clock_ms
from store.ledger.line import new_id
from sync.central.admin import admin
from sync.central.admin.operator import operator_name
from sync.central.audit import TimeRange
from sync.central.writes.transaction import MAX_AUDITED_REJECTIONS
from tests.sync.central.cells import named
from tests.sync.central.ledger import issue, outcome_codes, project, step, visit
from tests.sync.central_fixture import Central, running_central

DAY_MS = 86_400_000


def entries(central: Central, *actions: str, **chosen: Any) -> list[Any]:
    """The audit, or only these actions of it."""
    return [one for one in admin.audit_page(central.data_dir, **chosen) if not actions or one["action"] in actions]


@pytest.mark.proves("R50")
def test_every_write_says_who_where_when_and_from_which_version(central: Central) -> None:
    """A new line, an edit, a version that came late, and a close-out number that the central gave: each is an entry
    with account, device, line, stamp and the stamp replaced."""
    boss = central.enrol("局长")
    own = project(boss)
    boss.push([own])
    butler = central.enrol("甲", "butler", projects=[own.id])
    raised = issue(butler, own.id)
    settled = [step(butler, raised, act) for act in ("assigned", "accepted", "settled")]
    edited = raised._replace(stamp=settled[-1].stamp - 1, base=raised.stamp, body={**raised.body, "text": "补"})
    late = raised._replace(stamp=raised.stamp + 1, base=raised.stamp, body={**raised.body, "text": "早"})
    assert outcome_codes(butler.push([raised, edited, late, *settled])) == [
        "applied",
        "applied",
        "superseded",
        *["applied"] * 3,
    ]
    approval = step(boss, raised, "approved", versions=[named(edited), named(settled[-1])])
    boss.push([approval])
    reported = [(e["name"], e["device"], e["action"], e["line"], e["stamp"], e["from_stamp"]) for e in entries(central)]
    assert ("局长", boss.device, "write", own.id, own.stamp, None) in reported
    assert ("甲", butler.device, "write", raised.id, raised.stamp, None) in reported
    assert ("甲", butler.device, "write", raised.id, edited.stamp, raised.stamp) in reported
    assert ("甲", butler.device, "late", raised.id, late.stamp, None) in reported
    assert ("局长", boss.device, "write", approval.id, approval.stamp, None) in reported
    number = [one for one in entries(central, "write") if one["seq"] > _seq_of(central, approval.id)]
    assert [(one["name"], one["device"]) for one in number] == [("局长", boss.device)]
    seqs = [one["seq"] for one in entries(central)]
    assert seqs == sorted(set(seqs))
    assert {"create", "invite", "grants", "join", "write", "late"} == {one["action"] for one in entries(central)}


def _seq_of(central: Central, line_id: str) -> int:
    return next(int(one["seq"]) for one in entries(central, "write") if one["line"] == line_id)


def test_what_is_done_to_roles_says_who_did_it(central: Central) -> None:
    """Codes, roles granted and withdrawn and devices revoked are told with whom they are for and who ran the command;
    joining tells the roles that the code brought."""
    boss = central.enrol("局长")
    own = project(boss)
    boss.push([own])
    role = {"role": "butler", "project": own.id, "department": None}
    for act in (admin.grant, admin.withdraw):
        act(central.data_dir, "局长", "butler", projects=[own.id])
    admin.revoke(central.data_dir, "局长")
    reported = {one["action"]: one["detail"] for one in entries(central)}
    for action in ("create", "invite", "grant", "withdraw", "revoke"):
        assert reported[action]["by"] == operator_name() != ""
    assert reported["join"]["roles"] == reported["invite"]["roles"] == [{**role, "role": "bureau", "project": None}]
    assert [(reported[act]["name"], reported[act]["roles"]) for act in ("grant", "withdraw")] == [("局长", [role])] * 2
    assert reported["revoke"]["devices"] == [boss.device]


def test_a_refused_push_is_told_once_with_ids_and_codes(central: Central) -> None:
    """Rejections are one entry a push, bounded, whatever the client sent for an id; a push without rejections has
    none."""
    boss = central.enrol("局长")
    own = project(boss)
    boss.push([own])
    butler = central.enrol("甲", "butler", projects=[own.id])
    foreign = visit(butler, new_id())
    ahead = visit(butler, own.id, stamp=hlc_from_ms(system_clock_ms() + 9 * DAY_MS))
    butler.push([visit(butler, own.id), foreign, ahead])
    [entry] = entries(central, "refused")
    assert (entry["name"], entry["device"], entry["line"]) == ("甲", butler.device, None)
    lines = [{"id": foreign.id, "code": "forbidden"}, {"id": ahead.id, "code": "clock_ahead"}]
    assert entry["detail"] == {"refused": 2, "lines": lines}
    butler.ask("/v1/push", {"lines": [{"id": "\u0007\u202e" + "长" * 99}] * (MAX_AUDITED_REJECTIONS + 50)})
    long = entries(central, "refused")[-1]["detail"]
    assert (long["refused"], len(long["lines"])) == (MAX_AUDITED_REJECTIONS + 50, MAX_AUDITED_REJECTIONS)
    assert long["lines"][0] == {"id": "长" * 62, "code": "bad_line"}


def test_the_audit_is_told_by_days_and_in_pages(central: Central) -> None:
    """A span of time takes what lies in it and no more; pages of three give the whole audit, each entry once."""
    boss = central.enrol("局长")
    own = project(boss)
    boss.push([own, *(visit(boss, own.id, str(n)) for n in range(10))])
    whole, now = entries(central), system_clock_ms()
    assert entries(central, period=TimeRange(now - DAY_MS, now + DAY_MS)) == whole
    assert (
        entries(central, period=TimeRange(now + DAY_MS)) == entries(central, period=TimeRange(None, now - DAY_MS)) == []
    )
    pages = list(admin.audit_pages(central.data_dir, page=3))
    assert [entry for page in pages for entry in page] == whole
    assert {len(page) for page in pages[:-1]} == {3}


def test_the_audit_of_half_a_year_ago_is_there(tmp_path: Path) -> None:
    """After 400 days of use, with checks and edits between, every entry of the first day is still there, unchanged."""
    later = [0]
    with running_central(tmp_path, wall=lambda: system_clock_ms() + later[0]) as central:
        boss = central.enrol("局长")
        own = project(boss)
        boss.push([own])
        first = entries(central)
        for days in (60, 120, 184, 260, 330, 400):
            later[0] = days * DAY_MS
            boss.push([own._replace(stamp=own.stamp + days, base=own.stamp, body={**own.body, "name": f"第{days}天"})])
            admin.check_integrity(central.data_dir)
        after = entries(central)
    assert after[: len(first)] == first
    assert sum(entry["action"] == "write" for entry in after[len(first) :]) == 6
