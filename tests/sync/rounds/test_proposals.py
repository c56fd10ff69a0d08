"""What a home wrote beyond the role that it got is proposed to the bureau: nothing of a lone home's work is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete

from store.ledger.hlc import system_clock_ms
from store.ledger.line import Line, derived_id, new_id
from sync.admin_protocol import DECIDE, WAITING
from sync.central.accounts.authentication import authenticate
from sync.central.admin import admin
from sync.central.admin.proposals import decide_proposals, proposals
from sync.central.admin.setup import write_central
from sync.central.db.commit_order import lock_district
from sync.central.db.tables import PROPOSAL, ProposalRow
from sync.central.exceptions import NoSuchProposal
from sync.central.writes.decisions import note_decision
from sync.central.writes.proposals import propose
from sync.central.writes.validation import ValidLine
from tests.sync.central_fixture import DISTRICT, Central
from tests.sync.laptops import Laptop, bureau, standalone_home, visit

NAME = "独行项目"
SERVES = new_id()
"""An assignment that both sides have."""


def lone_butler(folder: Path) -> tuple[Laptop, Line]:
    """A home that worked alone: a project as an import writes it, who serves it, and a visit."""
    lone = standalone_home(folder / "lone", "王五")
    own_id = derived_id(DISTRICT, "project", NAME)
    own = lone.put("project", id=own_id, project=own_id, name=NAME, number="续1", category="new")
    butler = lone.put("person", name="王五")
    lone.put("assignment", id=SERVES, project=own.id, role="butler", person_id=butler.id)
    visit(lone, own)
    return lone, own


def refused(laptop: Laptop) -> dict[str, int]:
    """The refused lines by code."""
    counted = "SELECT code, count(*) FROM outbox WHERE state = 'rejected' GROUP BY code"
    return dict(laptop.rows(counted))


def grant(at: Central, project: Line) -> None:
    """Give the butler the project, as the operator does."""
    admin.grant(at.data_dir, "王五", "butler", projects=[project.id])


def test_a_lone_home_really_joins(at: Central, tmp_path: Path) -> None:
    """All that a lone butler wrote waits at the central for the bureau; accepted it counts for everybody under its
    author's name, and once the project is granted both sides agree and nothing is refused."""
    office = bureau(tmp_path / "office", at)
    lone, own = lone_butler(tmp_path)
    lone.join(at, at.invite("王五", "butler"))
    lone.sync()
    assert refused(lone) == {"proposed": 3}
    lone.sync()
    waiting = proposals(at.data_dir)
    assert [(one["person"], one["kind"], one["replaces"]) for one in waiting] == [
        ("王五", "project", False), ("王五", "assignment", False), ("王五", "visit", False),
    ]  # fmt: skip
    office.sync()
    assert own.id not in office.lines()
    assert decide_proposals(at.data_dir, ["王五"]) == (3, 0)
    assert proposals(at.data_dir) == []
    assert office.sync().verified
    assert office.lines()[own.id].author == lone.meta()["person"]
    grant(at, own)
    result = lone.sync()
    assert refused(lone) == {}
    assert result.in_agreement or lone.sync().in_agreement
    assert office.sync().verified
    assert {line.id for line in lone.lines().values()} == {line.id for line in office.lines().values()}


def test_a_table_that_the_bureau_has_too_is_nobodys_refusal(at: Central, tmp_path: Path) -> None:
    """Where the bureau has a line already that is not the butler's to write, it takes the place of the lone home's,
    which is kept as lost; the visits arrive by themselves when the project is granted."""
    office = bureau(tmp_path / "office", at)
    own_id = derived_id(DISTRICT, "project", NAME)
    office.put("project", id=own_id, project=own_id, name=NAME, number="续1", category="continuing")
    office.put("assignment", id=SERVES, project=own_id, role="butler", person_id=new_id(), note="局里的")
    office.sync()
    lone, own = lone_butler(tmp_path)
    lone.join(at, at.invite("王五", "butler"))
    lone.sync()
    assert refused(lone) == {"proposed": 3}
    grant(at, own)
    lone.sync()
    lone.sync()  # the first round brought the grant, this one sends what had waited for it
    assert refused(lone) == {}
    assert lone.lines()[SERVES].body["note"] == "局里的"
    ((kept,),) = lone.rows("SELECT body FROM history WHERE id = ? AND reason = 'superseded'", SERVES)
    assert "局里的" not in str(kept)
    assert lone.sync().in_agreement
    office.sync()
    assert [line.kind for line in office.lines().values() if line.kind == "visit"] == ["visit"]


def test_the_bureau_decides_from_its_own_device(at: Central, tmp_path: Path) -> None:
    """A round tells the bureau's device, and nobody else's, how much waits; what it reads page by page it accepts and
    declines by number, once; what was decided meanwhile stays as it was decided, and the audit says who did it."""
    office = bureau(tmp_path / "office", at)
    boss = at.enrol("局长")
    lone, _own = lone_butler(tmp_path)
    lone.join(at, at.invite("王五", "butler"))
    lone.sync()
    office.sync()
    assert (office.meta()["waiting"], lone.meta().get("waiting", "")) == ("3", "")
    first = boss.client.post(WAITING, json={"limit": 2}).json()
    rest = boss.client.post(WAITING, json={"limit": 2, "after": first["lines"][1]["seq"]}).json()
    assert (first["more"], rest["more"]) == (True, False)
    told = [*first["lines"], *rest["lines"]]
    assert [(one["source"], one["kind"], one["person"], one["present"]) for one in told] == [
        ("proposal", kind, "王五", None) for kind in ("project", "assignment", "visit")
    ]
    numbers = [one["seq"] for one in told]
    assert boss.ask(DECIDE, {"accept": numbers[:1], "reject": numbers[1:2]}) == {"decided": 2, "left": 0, "gone": 0}
    assert boss.ask(DECIDE, {"accept": numbers}) == {"decided": 1, "left": 0, "gone": 2}
    office.sync()
    assert office.meta()["waiting"] == ""
    assert {line.kind for line in office.lines().values()} >= {"project", "visit"}
    assert SERVES not in office.lines()
    entries = [entry for entry in admin.audit_page(at.data_dir) if entry["action"] == "proposals"]
    assert [(entry["name"], (entry["detail"] or {})["decision"]) for entry in entries] == [
        ("局长", "rejected"), ("局长", "accepted"), ("局长", "accepted"),
    ]  # fmt: skip


def test_what_waited_waits_again_after_the_central_was_set_back(at: Central, tmp_path: Path) -> None:
    """The central was restored from a copy of before the lone home proposed its lines: the next rounds propose them
    again, and nobody has to know of it."""
    lone, _own = lone_butler(tmp_path)
    lone.join(at, at.invite("王五", "butler"))
    lone.sync()
    with write_central(at.data_dir) as connection:
        connection.execute(delete(PROPOSAL))
    at.begin_restored()
    lone.sync()
    lone.sync()
    assert (len(proposals(at.data_dir)), refused(lone)) == (3, {"proposed": 3})


def test_what_was_accepted_for_others_leaves_its_author(at: Central, tmp_path: Path) -> None:
    """Accepted, but not granted to the butler who wrote it: it is at the central, and no longer on this laptop."""
    lone, own = lone_butler(tmp_path)
    lone.join(at, at.invite("王五", "butler"))
    lone.sync()
    decide_proposals(at.data_dir, None)
    for _round in range(3):
        result = lone.sync()
    assert (refused(lone), result.in_agreement) == ({}, True)
    assert own.id not in lone.lines()
    assert own.id in bureau_lines(at, tmp_path)


def bureau_lines(at: Central, folder: Path) -> dict[str, Line]:
    """What the bureau has."""
    office = bureau(folder / "late", at)
    office.sync()
    return office.lines()


def test_what_the_bureau_declines_is_refused_and_stays(at: Central, tmp_path: Path) -> None:
    """A declined line is not proposed again; it stays on the laptop as refused."""
    lone, own = lone_butler(tmp_path)
    lone.join(at, at.invite("王五", "butler"))
    lone.sync()
    assert decide_proposals(at.data_dir, (), [own.id]) == (1, 0)
    with lone.open() as device:
        device.ledger.retry_rejected([own.id])
    lone.sync()
    assert refused(lone) == {"forbidden": 1, "proposed": 2}
    with pytest.raises(NoSuchProposal):
        decide_proposals(at.data_dir, ["谁"], [own.id])
    assert own.id in lone.lines()


def test_a_proposal_tells_nothing_of_what_is_there(at: Central, tmp_path: Path) -> None:
    """A line under the id of one that its author may not see is answered as one under an id that nobody has; and a
    device that never worked alone is refused as ever."""
    office = bureau(tmp_path / "office", at)
    hidden = office.put("project", name="别人的", number="X", category="new")
    secret = visit(office, hidden)
    office.sync()
    butler = at.enrol("赵六", "butler")
    guesses = [
        butler.line("visit", {"at": "2025-03-04T09:00+08:00", "how": "visit", "text": "x"}, project=hidden.id)._replace(
            id=line_id
        )
        for line_id in (secret.id, new_id())
    ]
    body = {"lines": [one._asdict() for one in guesses]}
    answers = [
        butler.ask("/v1/push", body | more)["outcomes"]
        for more in ({}, {"chain": {"prev": "", "next": "n", "alone_until": 1 << 50}})
    ]
    assert [[one["code"] for one in outcomes] for outcomes in answers] == [["forbidden"] * 2, ["proposed"] * 2]
    assert all(one.keys() == {"id", "outcome", "code", "reason"} for outcomes in answers for one in outcomes)


def test_what_cannot_be_taken_in_is_not_called_accepted(at: Central, tmp_path: Path) -> None:
    """A proposal under the id of a line in another project waits until it is declined; the line stays as it is."""
    office = bureau(tmp_path / "office", at)
    own = visit(office, office.put("project", name="局里的", number="X", category="new"))
    office.sync()
    butler = at.enrol("赵六", "butler")
    said = {"at": "2025-03-04T09:00+08:00", "how": "visit", "text": "x"}
    guess = butler.line("visit", said, project=new_id())._replace(id=own.id)
    butler.ask("/v1/push", {"lines": [guess._asdict()], "chain": {"prev": "", "next": "n", "alone_until": 1 << 50}})
    assert (decide_proposals(at.data_dir, None), len(proposals(at.data_dir))) == ((0, 1), 1)
    assert (decide_proposals(at.data_dir, (), [own.id]), proposals(at.data_dir)) == ((1, 0), [])


def test_what_one_account_proposes_is_bounded_and_any_number_is_decided(at: Central) -> None:
    """Sixteen megabytes of one account wait for the bureau, no more; a decision notes more rows than a statement has
    parameters."""
    butler = at.enrol("赵六", "butler")
    big = "x" * (1 << 20)
    lines = [butler.line("visit", {"n": n}) for n in range(18)]
    with write_central(at.data_dir) as connection:
        counter = lock_district(connection, DISTRICT, system_clock_ms())
        assert counter is not None
        caller = authenticate(connection, butler.token)
        kept = propose(connection, counter, caller, [ValidLine(line, big, n, "d") for n, line in enumerate(lines)])
        assert kept == {line.id for line in lines[:16]}
        assert propose(connection, counter, caller, [ValidLine(lines[17], big, 17, "d")]) == set()
        who = (caller.account, caller.device)
        rows = [ProposalRow(DISTRICT, seq, lines[0].id, 0, "", *who, 0, None) for seq in range(40_000)]
        note_decision(connection, counter, PROPOSAL, rows, "rejected")
        assert propose(connection, counter, caller, [ValidLine(lines[17], big, 17, "d")]) == {lines[17].id}
