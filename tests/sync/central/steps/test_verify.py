"""verify at the central: locate what differs, and repair damage on the central's side (decision 6)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, update

from store.ledger.buckets import DISTRICT as DISTRICT_BUCKET
from store.ledger.buckets import SetChecksum, bucket_group
from store.ledger.line import Line
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.db.tables import BUCKET, DISTRICT, LINE
from tests.sync.central.ledger import every_id, outcome_codes, project, sum_of, visit
from tests.sync.central_fixture import Central, Laptop


@contextmanager
def inside(central: Central) -> Iterator[Connection]:
    """A write transaction outside the central."""
    database = open_database(central.data_dir)
    with database.write() as connection:
        yield connection
    database.close()


def damage(central: Central, line: Line, **values: Any) -> None:
    """Change columns of a line's row, as a failing disk would."""
    with inside(central) as connection:
        connection.execute(update(LINE).where(LINE.c.id == line.id).values(values))


@pytest.fixture
def writer(central: Central) -> Laptop:
    """A bureau's device."""
    return central.enrol("局长")


@pytest.fixture
def lines(writer: Laptop) -> list[Line]:
    """What it has pushed: a project and ten visits."""
    own = project(writer)
    pushed = [own, *(visit(writer, own.id, f"第{n}次") for n in range(10))]
    assert set(outcome_codes(writer.push(pushed))) == {"applied"}
    writer.pull_all()
    return pushed


def by_bucket(lines: list[Line]) -> dict[str, list[int]]:
    """The sums that a device with these lines sends, but for assignments."""
    own = lines[0]
    heads, bodies = [one for one in lines if one.kind == "project"], [one for one in lines if one.kind == "visit"]
    return {f"h:{own.id}": list(sum_of(heads)), f"p:{own.id}": list(sum_of(bodies))}


def by_group(buckets: dict[str, list[int]]) -> dict[str, list[int]]:
    """The same by group."""
    groups: dict[str, SetChecksum] = {}
    for bucket, total in buckets.items():
        groups[bucket_group(bucket)] = groups.get(bucket_group(bucket), SetChecksum()).add(SetChecksum(*total))
    return {group: list(total) for group, total in groups.items()}


def narrowed(laptop: Laptop, buckets: dict[str, list[int]]) -> list[str]:
    """The buckets that differ, found as a device finds them: by group, then by bucket."""
    buckets = {**buckets, DISTRICT_BUCKET: list(sum_of([*laptop.assigned.values()]))}
    asked = {"cursor": laptop.cursor, "groups": by_group(buckets)}
    groups = laptop.ask("/v1/verify", asked)
    assert groups["news"] is False
    if not groups["differ"]:
        return []
    within = {name: total for name, total in buckets.items() if bucket_group(name) in groups["differ"]}
    asked = {"cursor": laptop.cursor, "buckets": within, "within": groups["differ"]}
    differ: list[str] = laptop.ask("/v1/verify", asked)["differ"]
    return differ


def test_only_what_differs_is_named(writer: Laptop, lines: list[Line]) -> None:
    """Equal sums name nothing; a line missing or a bucket unknown on either side names that bucket alone."""
    whole = by_bucket(lines)
    assert narrowed(writer, whole) == []
    head, body = sorted(whole)
    assert narrowed(writer, by_bucket(lines[:-1])) == [body]
    assert narrowed(writer, {body: whole[body]}) == [head]
    assert narrowed(writer, {**whole, "p:5eed": [1, 2, 3]}) == ["p:5eed"]


def test_a_name_that_no_bucket_has_is_refused(writer: Laptop, lines: list[Line]) -> None:
    """A request with names of another form is answered 422, never by a failure of the central."""
    del lines
    for asked in ({"buckets": {"p:stranger\n": [1, 2, 3]}}, {"groups": {"zzz": [1, 2, 3]}}):
        response = writer.post("/v1/verify", {"cursor": writer.cursor, **asked})
        assert (response.status_code, response.json()["code"]) == (422, "bad_request")


def test_news_comes_first(central: Central, writer: Laptop, lines: list[Line]) -> None:
    """Checksums are compared at the same place in the order of commits, so a device with news is told to pull first."""
    other = central.enrol("副局长")
    other.pull_all()
    writer.push([visit(writer, lines[0].id)])
    asked: dict[str, Any] = {"cursor": other.cursor, "groups": {}}
    assert other.ask("/v1/verify", asked) == {"news": True, "differ": [], "dropped": []}
    other.pull_all()
    assert other.ask("/v1/verify", asked | {"cursor": other.cursor})["news"] is False
    assert other.ask("/v1/verify", asked | {"cursor": None})["news"] is True


def test_a_damaged_row_is_found_by_reading_and_mended_by_sending(
    central: Central, writer: Laptop, lines: list[Line]
) -> None:
    """A row whose text changed is sent to nobody and counts in no checksum, so devices with the line see a difference;
    pushing the line again, from whatever account, repairs the row for everybody."""
    hurt = lines[3]
    damage(central, hurt, wire='{"not even": json')
    fresh = central.enrol("副局长")
    assert hurt.id not in every_id(fresh.pull_all(limit=4))
    assert admin.stats(central.data_dir)["damaged"] == 1
    rest = [line for line in lines if line != hurt]
    assert fresh.hello(sum_of(rest))["equal"] is True
    assert writer.hello(sum_of(lines))["equal"] is False
    writer.pull_all()
    assert narrowed(writer, by_bucket(lines)) == [f"p:{lines[0].id}"]
    assert outcome_codes(fresh.push([hurt])) == ["applied"]
    assert admin.stats(central.data_dir)["damaged"] == 0
    assert writer.hello(sum_of(lines))["equal"] is True
    writer.cursor = None
    assert hurt.id in every_id(writer.pull_all())
    assert admin.check_integrity(central.data_dir) == {"lines": 13, "damaged": [], "buckets": [], "total": False}


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("column", ["wire", "digest"])
def test_comparing_finds_damage_that_nobody_has_read(
    central: Central, writer: Laptop, lines: list[Line], column: str
) -> None:
    """Before it answers that a bucket differs, the central checks its own rows; pushing the line again repairs it."""
    damage(central, lines[2], **{column: "{}" if column == "wire" else 1})
    missing = by_bucket(lines[:-1])
    assert narrowed(writer, missing) == [f"p:{lines[0].id}"]
    assert admin.stats(central.data_dir)["damaged"] == 1
    assert outcome_codes(writer.push([lines[2]])) == ["applied"]
    assert writer.hello(sum_of(lines))["equal"] is True
    assert narrowed(writer, by_bucket(lines)) == []


def test_wrong_sums_are_put_right(central: Central, writer: Laptop, lines: list[Line]) -> None:
    """A wrong checksum of a bucket or of the district is recomputed when a device compares."""
    with inside(central) as connection:
        connection.execute(update(BUCKET).where(BUCKET.c.bucket == f"p:{lines[0].id}").values(hi=BUCKET.c.hi + 5))
        connection.execute(update(DISTRICT).values(hi=DISTRICT.c.hi + 5))
    assert writer.hello(sum_of(lines))["equal"] is False
    assert narrowed(writer, by_bucket(lines)) == []
    assert writer.hello(sum_of(lines))["equal"] is True
    with inside(central) as connection:
        connection.execute(update(DISTRICT).values(lo=7))
    assert narrowed(writer, by_bucket(lines)) == []
    assert writer.hello(sum_of(lines))["equal"] is True


def test_a_check_finds_and_mends_everything(central: Central, writer: Laptop, lines: list[Line]) -> None:
    """The operator's check reads the whole district: damaged rows are quarantined, checksums corrected, and the audit
    has it."""
    damage(central, lines[5], wire="x")
    with inside(central) as connection:
        connection.execute(update(BUCKET).where(BUCKET.c.bucket == f"h:{lines[0].id}").values(lines=99))
    found = admin.check_integrity(central.data_dir)
    assert found == {
        "lines": 12, "damaged": [lines[5].id], "buckets": [f"h:{lines[0].id}", f"p:{lines[0].id}"], "total": True,
    }  # fmt: skip
    assert admin.audit_page(central.data_dir)[-1]["action"] == "mended"
    assert admin.check_integrity(central.data_dir) | {"lines": 0} == {
        "lines": 0,
        "damaged": [],
        "buckets": [],
        "total": False,
    }


def test_a_damaged_row_never_wins(central: Central, writer: Laptop, lines: list[Line]) -> None:
    """An older version is better than a text that cannot be trusted: it becomes current until the newer one is sent."""
    newer = lines[4]._replace(stamp=lines[4].stamp + 50, base=lines[4].stamp, body={**lines[4].body, "text": "新"})
    assert outcome_codes(writer.push([newer])) == ["applied"]
    damage(central, newer, wire="x")
    assert outcome_codes(writer.push([lines[4]])) == ["applied"]
    assert outcome_codes(writer.push([newer])) == ["applied"]
    assert writer.client.get(f"/v1/history/{newer.id}").json()["versions"][0]["line"]["body"]["text"] == "新"
    assert writer.hello(sum_of([newer if line.id == newer.id else line for line in lines]))["equal"] is True
