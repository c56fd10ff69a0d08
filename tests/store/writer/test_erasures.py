"""What is held on an erased person leaves a device: rows, history, index, drafts, searches, the bytes of its files."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import orjson
import pytest

from store.domain.erasures import ERASED, ERASED_BODY
from store.ledger.line import Line, derived_id
from store.queries.bin import bin_entries
from store.queries.conflicts import unresolved_conflicts
from store.queries.lines import version_history
from store.search.history import record_search, search_history
from store.writer.exceptions import VersionErased
from store.writer.scrubbing import is_scrub_due, scrub_if_due
from store.writer.sync_writes import SyncLedger
from tests.store.devices import KEY, device
from tests.store.raw_pages import raw_pages

CANARY, PHONE = "金丝雀", "19912345678"
WHO = derived_id("canary")
OTHERS = derived_id("others")


def written(kind: str, stamp: int, line_id: str = WHO, **body: object) -> Line:
    """A version of another device."""
    return Line(line_id, kind, None, stamp << 16, OTHERS, OTHERS, False, body, 0)


ERASURE = written("erasure", 90, derived_id("210903", "erasure", WHO), person_id=WHO, reason="本人申请", basis="法")
CLEAN = written("person", 80, name=ERASED)


@pytest.fixture
def laptop(tmp_path: Path) -> SyncLedger:
    """A device of one person."""
    return device(tmp_path, "laptop")


def files_of(ledger: SyncLedger) -> bytes:
    """The decrypted bytes of the ledger's file and of the device's, with their logs."""
    paths = (ledger.database.path, ledger.database.device_file.path)
    return b"".join(raw_pages(path, KEY) for path in paths if path.exists())


def tells(data: bytes) -> bool:
    """Whether bytes have the name, a token of it or the phone in them."""
    return any(word.encode() in data for word in (CANARY, CANARY[:2], CANARY[1:], PHONE, "jinsique"))


def test_nothing_is_left_in_the_files(laptop: SyncLedger) -> None:
    """The name is in rows, older versions, outbox, index, drafts, searches, free pages and log before, and in none of
    them after the transaction and the writing anew; what else was typed stays."""
    laptop.put("person", {"name": "别人"})
    laptop.put("person", {"name": CANARY, "phone": PHONE, "title": "科长"}, id=WHO)
    main = laptop.put("contact", {"person_id": WHO, "phone": PHONE}).id
    further = laptop.put("contact", {"further_of": WHO, "phone": f"{PHONE}0", "label": CANARY}).id
    laptop.edit("person", WHO, note=f"{CANARY}的备注")
    laptop.edit("contact", main, person_id=OTHERS, phone="13900000000")  # it was theirs before
    said = {"who": f"{CANARY}、别人", "text": f"见了人，{PHONE}，谈供水", "_ids": {CANARY: WHO}}
    laptop.save_draft("visit:new", said)
    laptop.save_draft(f"person:{WHO}", {"name": CANARY, "note": "再问"})
    record_search(laptop.device_state, f"@{CANARY}", WHO)
    record_search(laptop.device_state, "供水", WHO)
    copy = laptop.database.path.with_name(f"{laptop.database.path.name}.before-0018")
    copy.write_bytes(b"an older schema's copy")
    assert tells(files_of(laptop))
    laptop.put("erasure", ERASURE.body, id=ERASURE.id)
    assert is_scrub_due(laptop.database)
    assert scrub_if_due(laptop.database)
    assert not tells(files_of(laptop))
    assert not copy.exists()
    assert not is_scrub_due(laptop.database)
    assert laptop.load_draft("visit:new") == {"who": f"{ERASED}、别人", "text": f"见了人，{ERASED}，谈供水", "_ids": {}}
    assert laptop.load_draft(f"person:{WHO}") is None
    assert search_history(laptop.device_state).queries == ("供水",)
    connection = laptop.database.connection()
    assert connection.execute("SELECT name, title, note FROM person WHERE id = ?", (WHO,)).fetchone() == (
        ERASED, None, None,
    )  # fmt: skip
    phones = dict(connection.execute("SELECT id, phone FROM contact").fetchall())
    assert phones == {main: "13900000000", further: ERASED}
    wires = [row[0] for row in connection.execute("SELECT wire FROM outbox WHERE id = ?", (WHO,))]
    assert [orjson.loads(wire)["body"] for wire in wires] == [{"name": ERASED}]
    assert notices(laptop) == {
        "person_erased": {"lines": 2}, "drafts_emptied": {"changed": ["visit:new"], "gone": [f"person:{WHO}"]},
    }  # fmt: skip


def test_in_whichever_order_lines_arrive(tmp_path: Path) -> None:
    """Old versions, the erased form and the erasure itself may come in any order, and again: the same is shown, and
    older versions keep stamp and device and say nothing."""
    old, later = written("person", 10, name=CANARY), written("person", 20, name=f"{CANARY}乙", phone=PHONE)
    shown = set()
    orders = [order for order in permutations((old, later, CLEAN, ERASURE)) if order.index(old) < order.index(later)]
    for number, order in enumerate(orders):
        ledger = device(tmp_path, f"laptop{number}")
        for line in (*order, order[0]):
            ledger.merge([line])
        connection = ledger.database.connection()
        past = connection.execute("SELECT body, stamp, device_id FROM history WHERE id = ? ORDER BY stamp", (WHO,))
        rows = [(orjson.loads(body), stamp, of) for body, stamp, of in past]
        assert all(body == ERASED_BODY and of == OTHERS for body, _stamp, of in rows)
        assert {stamp for _body, stamp, _of in rows} <= {old.stamp, later.stamp}
        assert not tells("".join(map(str, connection.execute("SELECT * FROM search_line").fetchall())).encode())
        shown.add(connection.execute("SELECT name, stamp FROM person").fetchone())
        ledger.database.close()
    assert shown == {(ERASED, CLEAN.stamp)}


def test_an_unsent_edit_of_an_erased_person_is_emptied_and_told(laptop: SyncLedger) -> None:
    """An officer's edit that nobody has seen, later than the erasure, does not bring the name back; the officer is
    told, and their other work stays."""
    laptop.merge([written("person", 10, name=CANARY)])
    laptop.edit("person", WHO, name=f"{CANARY}丙", title="科长")
    mine = laptop.put("person", {"name": "别人"}).id
    laptop.merge([CLEAN, ERASURE])
    connection = laptop.database.connection()
    assert connection.execute("SELECT name, title FROM person WHERE id = ?", (WHO,)).fetchone() == (ERASED, None)
    assert connection.execute("SELECT name FROM person WHERE id = ?", (mine,)).fetchone() == ("别人",)
    assert [row[0] for row in connection.execute("SELECT code FROM notice")] == ["person_erased"]
    laptop.put("contact", {"person_id": WHO, "phone": PHONE})
    laptop.edit("person", WHO, name=CANARY)
    assert connection.execute("SELECT name FROM person WHERE id = ?", (WHO,)).fetchone() == (ERASED,)
    assert connection.execute("SELECT phone FROM contact").fetchone() == (ERASED,)


def test_an_erased_version_is_listed_as_such_and_cannot_be_restored(laptop: SyncLedger) -> None:
    """History shows that there was a version, by whom and when; neither conflicts nor the bin offer it."""
    laptop.merge([written("person", 10, name=CANARY)])
    laptop.edit("person", WHO, name=f"{CANARY}丁")
    laptop.merge([written("person", 1 << 40, name=ERASED), ERASURE])  # it superseded an edit that nobody had seen
    connection = laptop.database.connection()
    past = [version for version in version_history(connection, WHO) if not version.current]
    assert [(version.reason, version.body) for version in past] == [("erased", {})] * 2
    assert unresolved_conflicts(connection) == []
    assert bin_entries(connection) == []
    with pytest.raises(VersionErased):
        laptop.restore(WHO, past[0].stamp, past[0].device)


def test_what_others_have_too_and_running_text_stay_in_drafts(laptop: SyncLedger) -> None:
    """A draft is somebody's work: a name that a living record has stays, and so does one within the words of a text,
    where it may be a part of other words; the officer is told which draft that is. A phone of an office stays too."""
    laptop.put("person", {"name": f"{CANARY}小"})
    office = laptop.put("unit", {"name": "水务局"}).id
    laptop.put("contact", {"unit_id": office, "phone": "0418-2812345"})
    for name in (CANARY, f"{CANARY}小"):
        laptop.put("person", {"name": name, "phone": PHONE}, id=WHO)
    laptop.put("contact", {"further_of": WHO, "phone": "04182812345"})
    said = {"who": f"{CANARY}小、{CANARY}", "text": f"{CANARY}路施工，{PHONE[:3]} {PHONE[3:]}，1{PHONE}，04182812345"}
    laptop.save_draft("visit:new", said)
    laptop.put("erasure", ERASURE.body, id=ERASURE.id)
    assert laptop.load_draft("visit:new") == {
        "who": f"{CANARY}小、{ERASED}", "text": f"{CANARY}路施工，{ERASED}，1{PHONE}，04182812345",
    }  # fmt: skip
    assert notices(laptop)["drafts_emptied"] == {"changed": ["visit:new"], "naming": ["visit:new"]}


def test_who_serves_a_project_now_goes_from_the_notice_too(laptop: SyncLedger) -> None:
    """The notice of projects that left names who serves them; an erased person goes from it, others stay."""
    laptop.put("person", {"name": CANARY}, id=WHO)
    taken = {"projects": ["供水"], "butlers": [[[WHO, CANARY], [OTHERS, "别人"]]]}
    laptop.add_notice("scope_withdrawn", {"lines": 1, "buckets": 1, "unsent": 0, **taken})
    laptop.put("erasure", ERASURE.body, id=ERASURE.id)
    left = notices(laptop)["scope_withdrawn"]
    assert isinstance(left, dict) and left["butlers"] == [[[OTHERS, "别人"]]]


def notices(ledger: SyncLedger) -> dict[str, object]:
    """The notices of a device: details by code."""
    rows = ledger.database.connection().execute("SELECT code, detail FROM notice").fetchall()
    return {code: orjson.loads(detail) for code, detail in rows}


@pytest.mark.parametrize("name", ['"', "text", ":", '甲"乙'])
def test_no_name_breaks_a_draft(laptop: SyncLedger, name: str) -> None:
    """Whatever an erased person was called, drafts stay readable with their fields: only the name goes."""
    laptop.put("person", {"name": name}, id=WHO)
    laptop.save_draft("visit:new", {"who": name, "text": "谈供水"})
    laptop.put("erasure", ERASURE.body, id=ERASURE.id)
    assert laptop.load_draft("visit:new") == {"who": ERASED, "text": "谈供水"}


def test_files_that_somebody_reads_are_written_anew_later(laptop: SyncLedger) -> None:
    """Another process that reads keeps the log from being emptied: it stays due, and the next try does it."""
    laptop.put("person", {"name": CANARY}, id=WHO)
    laptop.put("erasure", ERASURE.body, id=ERASURE.id)
    reading = laptop.database.with_same_key(laptop.database.path)
    reading.connection().execute("PRAGMA busy_timeout = 0")
    laptop.database.connection().execute("PRAGMA busy_timeout = 0")
    with reading.read() as connection:
        connection.execute("SELECT count(*) FROM person").fetchone()
        assert not scrub_if_due(laptop.database)
        assert is_scrub_due(laptop.database)
    reading.close()
    assert scrub_if_due(laptop.database)
    assert not tells(files_of(laptop))


def test_an_erasure_that_names_another_line_erases_nothing(laptop: SyncLedger) -> None:
    """Only people are erased: the id of a unit, an issue or anything else in an erasure does nothing."""
    unit = laptop.put("unit", {"name": "住建局"})
    laptop.edit("unit", unit.id, note="备注")
    laptop.put("erasure", {**ERASURE.body, "person_id": unit.id})
    (past,) = [version for version in version_history(laptop.database.connection(), unit.id) if not version.current]
    assert (past.reason, past.body["name"]) == ("edited", "住建局")
    assert not is_scrub_due(laptop.database)
