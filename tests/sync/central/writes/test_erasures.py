"""What the central holds on an erased person: rows, versions, what waits for the bureau, accounts, codes, the audit."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from store.domain.erasures import ERASED
from store.ledger.hlc import system_clock_ms
from store.ledger.line import Line, digest_of, new_id
from store.ledger.row_mapping import to_signed
from sync.admin_protocol import PAGE_ROWS, PERSON_BYTES, AuditRequest, PersonAnswer, PersonRequest
from sync.central.accounts.authentication import authenticate
from sync.central.admin import admin
from sync.central.admin.admin import lock_named_district
from sync.central.admin.rebucket import rebucket
from sync.central.audit_chain import check_chain
from sync.central.db.tables import DEVICE, METADATA
from sync.central.request import RequestContext
from sync.central.steps.admin_audit import answer_audit
from sync.central.steps.admin_person import answer_person
from sync.central.steps.join import answer_join
from sync.central.writes.heal_transaction import HealTransaction
from sync.central.writes.proposals import propose
from sync.central.writes.validation import ValidLine, valid_version
from sync.protocol import DeviceName, JoinRequest
from tests.sync.central.test_statements import Bench, bench, counted
from tests.sync.central_fixture import DISTRICT

__all__ = ["bench"]
CANARY, PHONE = "金丝雀", "19912345678"


def line(bench: Bench, kind: str, body: dict[str, Any], **more: Any) -> Line:
    """A line of the bureau's."""
    return bench.laptop.line(kind, body, **more)


def telling_rows(bench: Bench) -> list[str]:
    """The rows, of every table, that tell of the person."""
    with bench.database.read() as connection:
        tables = [connection.execute(text(f"SELECT * FROM {name}")).all() for name in METADATA.tables]
    return [str(tuple(row)) for rows in tables for row in rows if tells(str(tuple(row)))]


def tells(data: str) -> bool:
    """Whether a text has the name or the phone in it."""
    return CANARY in data or PHONE in data


def erase(bench: Bench, person: str) -> list[str]:
    """Push the erasure; gives the outcomes."""
    return bench.push([line(bench, "erasure", {"person_id": person, "reason": "本人申请", "basis": "法"})])


def with_account(bench: Bench, name: str) -> str:
    """The person of a new account of this name."""
    code = admin.invite(bench.data_dir, name, "bureau")["code"]
    joined = JoinRequest(code=str(code), device=DeviceName(id=new_id(), name=f"{name}的电脑"))
    return answer_join(RequestContext(bench.database, None), joined).person.id


@pytest.mark.proves("R50")
def test_nothing_tells_of_an_erased_person(bench: Bench) -> None:
    """Name and phones are in rows, versions, claims, proposals, account, code and audit before, and nowhere afterwards,
    in SQLite's files neither; digests, checksums and the audit's chain agree, and what was done stands in the audit."""
    who = with_account(bench, CANARY)
    person = line(bench, "person", {"name": CANARY, "phone": PHONE, "title": "科长"}, id=who)
    phone = line(bench, "contact", {"person_id": who, "phone": PHONE})
    former = line(bench, "contact", {"further_of": who, "phone": f"{PHONE}0"})
    other = line(bench, "contact", {"person_id": new_id(), "phone": "1"}, id=former.id, base=former.stamp)
    assert bench.push([person, phone, former]) == ["applied"] * 3
    assert bench.push([other, line(bench, "person", {"name": f"{CANARY}乙"}, id=who, base=person.stamp)])
    waiting = valid_version(line(bench, "person", {"name": f"{CANARY}丙"}, id=who))
    keep_for_the_bureau(bench, waiting)
    told = answer_person(bench.context, PersonRequest(people=[who]))
    assert [account.name for account in told.accounts] == [CANARY]
    assert {version.reason for version in told.versions} == {None, "edited", "claims", "proposals"}
    assert len(telling_rows(bench)) > 8
    if bench.database.file:
        bench.database.file.with_name("central.db.before-0001").write_text(CANARY)
    assert erase(bench, who) == ["applied"]
    assert telling_rows(bench) == []
    for file in bench.data_dir.iterdir():
        assert not tells(file.read_bytes().decode("utf-8", "replace"))
    assert admin.check_integrity(bench.data_dir)["buckets"] == []
    with bench.database.read() as connection:
        assert check_chain(connection, DISTRICT).breaks == []
        names = connection.execute(text("SELECT name FROM account WHERE person = :who"), {"who": who}).scalars()
        assert list(names) == [ERASED]
        decided = connection.execute(text("SELECT decision FROM claim UNION SELECT decision FROM proposal")).scalars()
        assert set(decided) == {"rejected"}
        rows = connection.execute(text("SELECT wire, digest, stamp FROM version WHERE id = :who"), {"who": who}).all()
    assert {str(orjson.loads(row[0])["body"]) for row in rows} == {"{'erased': True}"}
    assert (person.stamp, orjson.loads(rows[0][0])["stamp"]) == (rows[0][2], rows[0][2])
    events = [entry["detail"] or {} for entry in admin.audit_page(bench.data_dir) if entry["action"] == "erased"]
    assert [event["people"] for event in events] == [[who]]


def keep_for_the_bureau(bench: Bench, version: ValidLine) -> None:
    """A claim and a proposal about the person."""
    with bench.database.write() as connection:
        counter = lock_named_district(connection, DISTRICT)
        caller = authenticate(connection, bench.context.token)
        propose(connection, counter, caller, [version])
        assert HealTransaction(connection, caller, counter).claim([version]) == [True]
        counter.save(connection)


def test_what_is_held_is_told_in_pages_of_bounded_bytes(bench: Bench) -> None:
    """However long and many the versions are, a page has about so many bytes, and the pages together everything once:
    versions, phones, what waits, events. A phone that is another's by now is told only as it was theirs; a text that
    was damaged is told as such."""
    who, note = with_account(bench, CANARY), "字" * 30_000
    versions = [line(bench, "person", {"name": CANARY, "note": note}, id=who)]
    for _ in range(24):
        versions.append(versions[-1]._replace(stamp=versions[-1].stamp + 1, base=versions[-1].stamp))
    phone = line(bench, "contact", {"further_of": who, "phone": PHONE})
    taken = phone._replace(stamp=phone.stamp + 1, base=phone.stamp, body={"further_of": new_id(), "phone": "1390000"})
    assert set(bench.push([*versions, phone])) == {"applied"}
    assert bench.push([taken]) == ["applied"]
    keep_for_the_bureau(bench, valid_version(line(bench, "person", {"name": f"{CANARY}丙"}, id=who)))
    with bench.database.write() as connection:
        connection.execute(text("UPDATE proposal SET wire = '{'"))
    pages, after = list[PersonAnswer](), 0
    while not pages or pages[-1].next is not None:
        pages.append(answer_person(bench.context, PersonRequest(people=[who], after=after)))
        after = pages[-1].next or 0
    assert len(pages) > 2
    assert all(len(page.model_dump_json().encode()) < PERSON_BYTES + 2 * len(note.encode()) for page in pages)
    told = [version for page in pages for version in page.versions]
    held = {str(version.line.get("body", {})) for version in told}
    own = [version for version in told if version.line.get("id") == who and version.reason != "claims"]
    assert sorted(str(version.line["stamp"]) for version in own) == sorted(str(each.stamp) for each in versions)
    assert any(PHONE in body for body in held)
    assert not any("1390000" in body for body in held)
    assert [page.accounts != [] for page in pages] == [True, *[False] * (len(pages) - 1)]
    assert {entry.action for page in pages for entry in page.entries} == {"join"}


def test_devices_beyond_a_page_are_told_as_missing_and_follow(bench: Bench) -> None:
    """A page has so many devices of a person; that there are more is told, and they follow, each once."""
    who = with_account(bench, CANARY)
    with bench.database.write() as connection:
        account = connection.execute(text("SELECT id FROM account WHERE person = :who"), {"who": who}).scalar()
        own = connection.execute(select(DEVICE).where(DEVICE.c.account == account)).mappings().one()
        others = [{**own, "id": new_id(), "token_hash": str(number)} for number in range(2 * PAGE_ROWS)]
        connection.execute(insert(DEVICE), others)
    pages = [answer_person(bench.context, PersonRequest(people=[who]))]
    while pages[-1].devices_next is not None:
        assert pages[-1].more
        pages.append(answer_person(bench.context, PersonRequest(people=[who], devices_after=pages[-1].devices_next)))
    assert [len(page.devices) for page in pages] == [PAGE_ROWS, PAGE_ROWS, 1]
    assert [page.more for page in pages] == [True, True, False]
    assert {device.id for page in pages for device in page.devices} == {own["id"], *(each["id"] for each in others)}
    assert [bool(page.accounts or page.entries) for page in pages] == [True, False, False]


def test_what_comes_afterwards_is_erased_at_once(bench: Bench) -> None:
    """A version of before that arrives late, a later edit whose author knew of nothing, a new phone: each is answered
    as any other, and what the central has and sends says nothing of the person."""
    person = line(bench, "person", {"name": CANARY})
    early = person._replace(stamp=person.stamp - 100, body={"name": f"{CANARY}甲"})
    assert bench.push([person]) == ["applied"]
    assert erase(bench, person.id) == ["applied"]
    edit = line(bench, "person", {"name": f"{CANARY}丁"}, id=person.id, base=person.stamp)
    assert bench.push([early]) == ["superseded"]
    assert bench.push([edit, line(bench, "contact", {"further_of": person.id, "phone": PHONE})]) == ["applied"] * 2
    assert telling_rows(bench) == []
    with bench.database.write() as connection:
        counter = lock_named_district(connection, DISTRICT)
        caller = authenticate(connection, bench.context.token)
        late = valid_version(edit._replace(stamp=edit.stamp + 1))
        assert propose(connection, counter, caller, []) == frozenset()
        assert HealTransaction(connection, caller, counter).claim([late]) == [False]
    with bench.database.read() as connection:
        assert check_chain(connection, DISTRICT).breaks == []
    assert admin.check_integrity(bench.data_dir)["damaged"] == []
    with counted(bench.database) as few:
        bench.push([line(bench, "person", {"name": "别人"})])
    with counted(bench.database) as many:
        bench.push([line(bench, "person", {"name": f"别人{n}"}) for n in range(20)])
    assert len(many) == len(few)


def test_only_people_are_erased_and_whoever_the_upgrade_makes_known(bench: Bench) -> None:
    """An erasure that names a unit empties nothing. One that an older central has kept as a line of an unknown kind
    counts once the central knows the kind."""
    unit = line(bench, "unit", {"name": "住建局"})
    assert bench.push([unit, line(bench, "unit", {"name": "住建"}, id=unit.id, base=unit.stamp)]) == ["applied"] * 2
    assert erase(bench, unit.id) == ["applied"]
    person = line(bench, "person", {"name": CANARY})
    assert bench.push([person]) == ["applied"]
    with bench.database.write() as connection:
        wires = connection.execute(text("SELECT wire FROM version WHERE id = :id"), {"id": unit.id}).scalars()
        assert [orjson.loads(wire)["body"]["name"] for wire in wires] == ["住建局"]
        kept = f"UPDATE line SET wire = replace(wire, '{unit.id}', '{person.id}') WHERE kind = 'erasure'"
        connection.execute(text(kept))
        wire = connection.execute(text("SELECT wire FROM line WHERE kind = 'erasure'")).scalar_one()
        digest = to_signed(digest_of(wire.encode()))
        connection.execute(text("UPDATE line SET digest = :digest WHERE kind = 'erasure'"), {"digest": digest})
        connection.execute(text("UPDATE district SET kinds = replace(kinds, '\"erasure\",', '')"))
    assert telling_rows(bench) != []
    rebucket(bench.database, system_clock_ms())
    assert telling_rows(bench) == []


def test_a_namesakes_entries_stay(bench: Bench) -> None:
    """What the audit says of another account of the same name is not emptied."""
    first, second = with_account(bench, CANARY), new_id()
    assert bench.push([line(bench, "person", {"name": CANARY}, id=who) for who in (first, second)]) == ["applied"] * 2
    assert erase(bench, second) == ["applied"]
    details = [str(entry["detail"]) for entry in admin.audit_page(bench.data_dir)]
    assert sum(CANARY in detail for detail in details) == 2
    assert erase(bench, first) == ["applied"]
    assert not any(CANARY in str(entry["detail"]) for entry in admin.audit_page(bench.data_dir))
    with bench.database.read() as connection:
        assert check_chain(connection, DISTRICT).breaks == []


@pytest.mark.soak(turns=5)
@pytest.mark.parametrize("name", ["bureau", "butler", "lines", "join", "revoked"])
def test_what_merely_looks_like_a_name_stays_in_the_audit(bench: Bench, name: str) -> None:
    """A person may be called as a role, a cause or anything else that the audit says: only the events that say the
    person's own name are emptied."""
    other = with_account(bench, CANARY)
    admin.withdraw(bench.data_dir, CANARY, "bureau")
    before = {entry["seq"]: entry["detail"] for entry in admin.audit_page(bench.data_dir)}
    who = with_account(bench, name)
    assert bench.push([line(bench, "person", {"name": name}, id=who)]) == ["applied"]
    assert erase(bench, who) == ["applied"]
    after = admin.audit_page(bench.data_dir)
    assert {entry["seq"]: entry["detail"] for entry in after if entry["seq"] in before} == before
    emptied = [entry["action"] for entry in after if entry["detail"] == {"erased": True}]
    assert sorted(emptied) == ["invite", "join"]
    assert any(other in str(detail) or CANARY in str(detail) for detail in before.values())


def test_events_are_found_by_whose_name_they_say(bench: Bench) -> None:
    """Whoever asks the audit for an account leaves its id in it, not the name; the name under which somebody was
    invited is found by the code, though the ledger never had it; an expired code for nobody loses a name that nobody
    else has."""
    boss = RequestContext(bench.database, bench.context.token)
    who = with_account(bench, CANARY)
    answer_audit(boss, AuditRequest(account=CANARY))
    assert bench.push([line(bench, "person", {"name": "本名"}, id=who)]) == ["applied"]
    with bench.database.write() as connection:
        expired = "UPDATE invite SET used_at = NULL, expires_at = 1, device = NULL, name = '本名'"
        connection.execute(text(f"{expired} WHERE name <> '{CANARY}'"))
        connection.execute(text(f"UPDATE invite SET device = NULL WHERE name = '{CANARY}'"))  # as if of long ago
        connection.execute(text(f"UPDATE invite SET person = '{who}' WHERE name = '{CANARY}'"))
    (asked,) = (entry["detail"] for entry in admin.audit_page(bench.data_dir) if entry["action"] == "audit_read")
    assert "account" in str(asked)
    assert CANARY not in str(asked)
    assert erase(bench, who) == ["applied"]
    assert telling_rows(bench) == []
    with bench.database.read() as connection:
        assert set(connection.execute(text("SELECT name FROM invite")).scalars()) == {ERASED}
        assert check_chain(connection, DISTRICT).breaks == []


REFUSED = (
    "UPDATE version SET wire = '{}'",
    "UPDATE version SET stamp = 1",
    "UPDATE version SET wire = wire, account = 'x'",
    "UPDATE audit SET detail = '{}'",
    "UPDATE audit SET action = 'x', detail = '{\"erased\"\\:true}'",
    "DELETE FROM version",
    "DELETE FROM line",
)


def test_the_past_can_be_emptied_of_erased_people_and_of_nothing_else(bench: Bench) -> None:
    """Triggers let nobody change a version but to empty it, and only that of an erased person; an entry of the audit
    that was emptied without being listed is told by the check."""
    person, other = line(bench, "person", {"name": CANARY}), line(bench, "person", {"name": "别人"})
    edits = [line(bench, "person", {"name": f"{CANARY}2"}, id=each.id, base=each.stamp) for each in (person, other)]
    assert bench.push([person, other, *edits]) == ["applied"] * 4
    assert erase(bench, person.id) == ["applied"]
    for statement in REFUSED:
        with pytest.raises(DBAPIError, match="append-only"), bench.database.write() as connection:
            connection.execute(text(statement))
    empty = "UPDATE version SET wire = json_set(wire, '$.body', json('{\"erased\"\\:true}')) WHERE id = :id"
    if bench.database.file is None:
        empty = "UPDATE version SET wire = guanjia_erased(wire) WHERE id = :id"
    with pytest.raises(DBAPIError, match="append-only"), bench.database.write() as connection:
        connection.execute(text(empty), {"id": other.id})
    with bench.database.write() as connection:
        connection.execute(text("UPDATE audit SET detail = '{\"erased\"\\:true}' WHERE action = 'join'"))
        (found,) = check_chain(connection, DISTRICT).breaks
        seq = connection.execute(text("SELECT seq FROM audit WHERE action = 'join'")).scalar_one()
    assert found.seq == seq
