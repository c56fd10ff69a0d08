"""Versions, refused lines and the dump, whatever the kind."""

from __future__ import annotations

from store.ledger.line import canonical_json, derived_id
from store.queries.lines import current_line, dump, kind_tables, rejected_lines, version_history
from store.writer.checksums import all_lines
from tests.store.devices import MergeOnlyCentral, send
from tests.store.queries.sample import Sample, statements


def test_the_dump_is_every_line_in_canonical_order(district: Sample) -> None:
    """Every line, deleted and unknown ones too, by kind and id, as the bytes that travel, in one statement a table."""
    district.ledger.delete("visit", district.visit)
    district.ledger.put("unit", {"name": "某局", "colour": "红", "since": 2019})
    with district.ledger.database.read() as connection:
        with statements(connection) as seen:
            printed = list(dump(connection))
        lines = sorted(all_lines(connection), key=lambda line: (line.kind, line.id))
        assert printed == [canonical_json(line) for line in lines]
        assert len(seen) == len(kind_tables(connection)) + 2
    assert any(b'"deleted":true' in line for line in printed)


def test_a_line_of_an_unknown_kind_is_read_like_any_other(district: Sample) -> None:
    """A newer version's kind is in the dump, found by its id and has a history."""
    (known,) = [row for row in all_lines(district.connection) if row.id == district.visit]
    strange = known._replace(id=derived_id("strange"), kind="audit_note", body={"text": "新", "parts": [1, None]})
    district.ledger.merge([strange])
    assert current_line(district.connection, strange.id) == strange
    assert canonical_json(strange) in list(dump(district.connection))
    assert [version.kind for version in version_history(district.connection, strange.id)] == ["audit_note"]


def test_history_numbers_all_versions_and_says_why(district: Sample) -> None:
    """Versions count from 1 in the order of the stamps; the current one has no reason, the others say theirs."""
    for place in ("门卫", "食堂"):
        district.ledger.edit("visit", district.visit, place=place)
    versions = version_history(district.connection, district.visit)
    assert [(one.version, one.current, one.reason) for one in versions] == [
        (1, False, "edited"),
        (2, False, "edited"),
        (3, True, None),
    ]
    assert [one.body["place"] for one in versions] == ["工地", "门卫", "食堂"]
    assert versions[0].author_name == "甲"
    assert versions[0].to_json().keys() >= {"version", "stamp", "at", "author", "device", "reason", "current", "body"}
    assert version_history(district.connection, derived_id("nobody")) == []


def test_a_numbered_version_can_be_restored(district: Sample) -> None:
    """What history names by stamp and device is what the ledger brings back, as one more version."""
    district.ledger.edit("visit", district.visit, place="门卫")
    first = version_history(district.connection, district.visit)[0]
    district.ledger.restore(district.visit, first.stamp, first.device)
    versions = version_history(district.connection, district.visit)
    assert [one.body["place"] for one in versions] == ["工地", "门卫", "工地"]
    assert [one.current for one in versions] == [False, False, True]


def test_what_the_central_superseded_stays_in_history(district: Sample) -> None:
    """Of two versions made apart the loser is listed with its reason on the device that lost."""
    central = MergeOnlyCentral()
    send(district.ledger, central)
    assert version_history(district.connection, district.visit)[-1].current
    theirs = current_line(district.connection, district.visit)
    assert theirs is not None
    later = theirs._replace(
        stamp=theirs.stamp + (1 << 40), device=derived_id("device", "b"), body={**theirs.body, "place": "别处"}
    )
    district.ledger.edit("visit", district.visit, place="此处")
    district.ledger.merge([later])
    versions = version_history(district.connection, district.visit)
    assert [one.body["place"] for one in versions] == ["工地", "此处", "别处"]
    assert versions[1].reason in ("superseded", "edited")
    assert versions[2].current


def test_refused_lines_are_listed_with_the_reason(district: Sample) -> None:
    """A rejected line shows what it says, of which project it is, the code and the central's words; the statements do
    not grow with the lines."""
    batch = district.ledger.pending_lines(100, 1 << 20)
    refused = {district.visit, district.issue}
    for row in refused:
        district.connection.execute(
            "UPDATE outbox SET state = 'rejected', code = 'forbidden', reason = 'no role', at = 0 WHERE id = ?", (row,)
        )
    assert len(batch) > 2
    with statements(district.connection) as seen:
        found = rejected_lines(district.connection)
    assert {one.id for one in found} == refused
    assert {(one.code, one.reason, one.project, one.at) for one in found} == {
        ("forbidden", "no role", "供水改造工程", "1970-01-01T08:00+08:00")
    }
    assert {one.kind: one.body.get("place") for one in found} == {"visit": "工地", "issue": None}
    assert len(seen) == len(kind_tables(district.connection)) + 4
