"""Devices and lines under ids that belong to other lines: nothing is settled by another kind, nothing is lost."""

from __future__ import annotations

from pathlib import Path

from store.domain.line_ids import IdClaim, id_claim
from store.ledger.line import DISPLACED_FROM, Line, canonical_json, derived_id, digest_of
from store.search.session import find
from store.values.text import normalize_name
from tests.sync.central_fixture import DISTRICT
from tests.sync.central_fixture import Central as Office
from tests.sync.laptops import Laptop, agree, bureau, project, visit

COMING = "临江新区"
ITS_ID = derived_id(DISTRICT, "project", normalize_name(COMING))


def coming(laptop: Laptop) -> Line:
    """The project whose id everybody can compute, as an import writes it."""
    return laptop.put("project", id=ITS_ID, name=COMING, number="P-9", category="new")


def notices(laptop: Laptop) -> list[str]:
    """The codes of the notices that this laptop has for its owner."""
    return [row[0] for row in laptop.rows("SELECT code FROM notice ORDER BY n")]


def test_a_taken_id_comes_back_and_everybody_agrees(tmp_path: Path, at: Office) -> None:
    """A butler's person has the id of a project that the bureau imported offline. The project arrives, the person goes
    on under another id on every laptop and is found there, its author is told, and all sums are equal."""
    office = bureau(tmp_path / "a", at)
    own = project(office)
    office.sync()
    butler = Laptop(tmp_path / "b").join(at, at.invite("管家", "butler", projects=[own.id]))
    butler.put("person", id=ITS_ID, name="占位人")
    butler.sync()
    theirs = coming(office)
    office.sync()
    agree(office)
    butler.sync()
    agree(butler)
    assert office.lines()[ITS_ID] == theirs
    for laptop in (office, butler):
        moved = [line for line in laptop.lines().values() if line.body.get(DISPLACED_FROM) == ITS_ID]
        assert [line.body["name"] for line in moved] == ["占位人"]
        assert laptop.rows("SELECT name FROM person WHERE id = ?", ITS_ID) == []
    assert "line_displaced" in notices(butler) and "line_displaced" not in notices(office)
    with office.open() as device:
        names = {hit.title for word in (COMING, "占位人") for hit in find(device.ledger.database.connection(), word)}
    assert names == {COMING, "占位人"}


def test_an_unsent_line_is_never_settled_by_one_of_another_kind(tmp_path: Path, at: Office) -> None:
    """A line of another kind that comes from the central under the id of an unsent one leaves that unsent; what came
    counts in the checksum, apart and unread."""
    office = bureau(tmp_path / "a", at)
    own = project(office)
    office.sync()
    theirs, early = coming(office), visit(office, own)._replace(id=ITS_ID, stamp=own.stamp + 9)
    with office.open() as device:
        before = device.ledger.total_checksum()
        device.ledger.merge([early])
        assert device.ledger.total_checksum() == before.with_digest(digest_of(canonical_json(early)))
        assert device.ledger.recompute_checksums() == []
    assert office.rows("SELECT kind FROM outbox WHERE id = ?", ITS_ID) == [("project",)]
    assert office.rows("SELECT name FROM project WHERE id = ?", ITS_ID) == [(COMING,)]
    assert office.rows("SELECT id FROM visit WHERE id = ?", ITS_ID) == []
    assert office.lines()[ITS_ID].kind in ("project", "visit") and theirs.kind == "project"


def test_ours_gives_way_where_the_id_is_the_others(tmp_path: Path, at: Office) -> None:
    """An unsent visit under a project's id gives way to the project that comes; it is in history and comes back as a
    line of its own."""
    office = bureau(tmp_path / "a", at)
    own = project(office)
    office.sync()
    mine = office.put("visit", id=ITS_ID, project=own.id, at="2025-03-04T09:00+08:00", how="visit", text="看了现场")
    theirs = Line(ITS_ID, "project", ITS_ID, own.stamp + 1, own.device, own.author, False, dict(own.body, name=COMING))
    assert (id_claim(DISTRICT, mine), id_claim(DISTRICT, theirs)) == (IdClaim.NONE, IdClaim.PROVEN)
    with office.open() as device:
        device.ledger.merge([theirs])
        again = device.ledger.restore(mine.id, mine.stamp, mine.device)
    assert (again.kind, again.body, again.id != ITS_ID) == ("visit", mine.body, True)
    assert office.lines()[ITS_ID] == theirs
    assert notices(office)[-1] == "line_displaced"
