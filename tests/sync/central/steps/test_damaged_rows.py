"""One stored text that cannot be read fails nothing but itself: no list, no page, no push and no decision."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from store.domain.erasures import ERASED
from store.ledger.line import Line
from sync.admin_protocol import UNREADABLE_KIND, AuditRequest, DecideRequest, InviteRequest, WaitingRequest
from sync.central.accounts.authentication import authenticate
from sync.central.accounts.name_lookup import names_of
from sync.central.admin import admin
from sync.central.admin.admin import lock_named_district
from sync.central.admin.healing import healing_report
from sync.central.admin.proposals import proposals
from sync.central.audit import UNREADABLE
from sync.central.steps.admin_audit import answer_audit
from sync.central.steps.admin_invites import answer_invite
from sync.central.steps.admin_waiting import answer_decision, answer_waiting
from sync.central.writes.heal_transaction import HealTransaction
from sync.central.writes.proposals import propose
from sync.central.writes.validation import valid_version
from tests.sync.central.ledger import issue, project, step
from tests.sync.central.test_statements import Bench
from tests.sync.central_fixture import DISTRICT


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A bench over SQLite."""
    made = Bench(tmp_path, None)
    yield made
    made.database.close()


def spoil(bench: Bench, table: str, **where: object) -> None:
    """Damage the text of these rows past the central."""
    column = "detail" if table == "audit" else "wire"
    with bench.database.write() as connection:
        chosen = " AND ".join(f"{name} = :{name}" for name in where)
        if table in ("audit", "version"):
            connection.execute(text(f"DROP TRIGGER {table}_no_update"))
        connection.execute(text(f"UPDATE {table} SET {column} = '{{\"not even' WHERE {chosen}"), where)


def keep_waiting(bench: Bench, *lines: Line) -> None:
    """A claim and a proposal of each."""
    with bench.database.write() as connection:
        counter = lock_named_district(connection, DISTRICT)
        caller = authenticate(connection, bench.context.token)
        versions = [valid_version(line) for line in lines]
        propose(connection, counter, caller, versions)
        HealTransaction(connection, caller, counter).claim(versions)
        counter.save(connection)


def test_a_damaged_line_fails_no_write_and_no_look_up(bench: Bench) -> None:
    """With a damaged person, unit, assignment and step, officers push on, roles follow, names are found."""
    own = project(bench.laptop)
    raised = issue(bench.laptop, own.id)
    hurt = bench.laptop.line("person", {"name": "坏甲"})
    unit = bench.laptop.line("unit", {"name": "坏局"})
    role = bench.laptop.line("assignment", {"role": "butler", "person_id": hurt.id}, own.id)
    first = step(bench.laptop, raised, "assigned", department_id=unit.id)
    edited = first._replace(stamp=first.stamp + 1, base=first.stamp)
    assert bench.push([own, raised, hurt, unit, role, first, edited]) == ["applied"] * 7
    for line in (hurt, unit, role, first):
        spoil(bench, "line", id=line.id)
    spoil(bench, "version", id=first.id)
    other = bench.laptop.line("assignment", {"role": "butler", "person_id": bench.laptop.person}, own.id)
    assert bench.push([other, step(bench.laptop, raised, "accepted")]) == ["applied"] * 2
    assert answer_invite(bench.context, InviteRequest(name="坏甲")).person is None
    assert answer_invite(bench.context, InviteRequest(name="好乙", role="butler", projects=["风电场"])).code
    with bench.database.read() as connection:
        assert names_of(connection, DISTRICT, [unit.id]) == {}
    assert admin.stats(bench.data_dir)["damaged"] == 0  # nobody has read them yet


def test_what_waits_is_listed_and_decided_beside_a_damaged_row(bench: Bench) -> None:
    """A damaged proposal or claim is listed as such, from whom it is; accepting leaves it, declining ends it."""
    good, hurt = (bench.laptop.line("person", {"name": name}) for name in ("好", "坏"))
    assert bench.push([good]) == ["applied"]
    keep_waiting(bench, good._replace(stamp=good.stamp + 1, body={"name": "好甲"}), hurt)
    spoil(bench, "proposal", id=hurt.id)
    spoil(bench, "claim", id=hurt.id)
    spoil(bench, "line", id=good.id)
    page = answer_waiting(bench.context, WaitingRequest()).lines
    assert [(line.id, line.kind) for line in page] == [(good.id, "person"), (hurt.id, UNREADABLE_KIND)] * 2
    assert {line.present is None for line in page} == {True}
    assert [each["kind"] for each in proposals(bench.data_dir)] == ["person", UNREADABLE_KIND]
    assert UNREADABLE_KIND in str(healing_report(bench.data_dir))
    numbers = [line.seq for line in page]
    done = answer_decision(bench.context, DecideRequest(accept=numbers[:2]))
    assert (done.decided, done.left) == (1, 1)
    done = answer_decision(bench.context, DecideRequest(reject=numbers[1:]))
    assert (done.decided, done.left) == (3, 0)
    assert answer_waiting(bench.context, WaitingRequest()).lines == []


def test_the_audit_is_read_and_a_person_erased_beside_a_damaged_event(bench: Bench) -> None:
    """A damaged detail is told as one that cannot be read, and hinders no erasure; the check of the chain finds it."""
    person = bench.laptop.line("person", {"name": "某人"})
    assert bench.push([person]) == ["applied"]
    spoil(bench, "audit", action="join")
    entries = answer_audit(bench.context, AuditRequest(after=0)).entries
    assert [entry.detail for entry in entries if entry.action == "join"] == [UNREADABLE]
    erasure = bench.laptop.line("erasure", {"person_id": person.id, "reason": "本人申请", "basis": "法"})
    assert bench.push([erasure]) == ["applied"]
    with bench.database.read() as connection:
        wire = connection.execute(text("SELECT wire FROM line WHERE id = :id"), {"id": person.id}).scalar_one()
    assert ERASED in wire
    assert len(admin.check_audit(bench.data_dir).breaks) == 1
