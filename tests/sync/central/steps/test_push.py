"""push: outcomes line by line, idempotence, what is kept of versions that lose."""

from __future__ import annotations

import orjson

from store.ledger.hlc import MAX_CLOCK_AHEAD_MS, hlc_from_ms, system_clock_ms
from store.ledger.line import MAX_BODY_BYTES, canonical_json, new_id
from sync.central.admin import admin
from tests.sync.central.ledger import outcome_codes, project, visit
from tests.sync.central_fixture import Central


def test_outcomes_come_in_order_and_a_bad_line_holds_nothing_up(central: Central) -> None:
    """Good lines around bad ones are applied; every line has its outcome, in the request's order."""
    laptop = central.enrol("局长", "bureau")
    own = project(laptop)
    ahead = visit(laptop, own.id, stamp=hlc_from_ms(system_clock_ms() + MAX_CLOCK_AHEAD_MS + 60_000))
    stranger = visit(laptop, own.id, author=new_id())
    unclean = visit(laptop, own.id, "a\u202eb")
    mistyped = laptop.line("visit", {"at": "yesterday", "how": "visit"}, own.id)
    large = visit(laptop, own.id, "长" * MAX_BODY_BYTES)
    lines = [own, ahead, stranger, unclean, mistyped, large, visit(laptop, own.id)]
    body = b'{"lines":[' + b",".join([*map(canonical_json, lines), b'{"id":"x"}', b"7"]) + b"]}"
    outcomes = laptop.ask("/v1/push", body)["outcomes"]
    expected = ["applied", "clock_ahead", "not_author", "unclean", "bad_line", "too_large", "applied", "bad_line"]
    assert outcome_codes(outcomes) == [*expected, "bad_line"]
    assert [outcome["id"] for outcome in outcomes] == [*(line.id for line in lines), "x", ""]
    assert all(outcome["reason"] for outcome in outcomes if outcome["outcome"] == "rejected")


def test_pushing_again_changes_nothing(central: Central) -> None:
    """A batch whose answer was lost gets the same answer again, and leaves no second trace."""
    laptop = central.enrol("局长", "bureau")
    own = project(laptop)
    lines = [own, *(visit(laptop, own.id, str(n)) for n in range(20))]
    first, before = laptop.push(lines), admin.stats(central.data_dir)
    assert laptop.push(lines) == first
    assert admin.stats(central.data_dir) == before
    assert before["lines"] == 22


def test_the_latest_stamp_wins_and_the_loser_is_kept(central: Central) -> None:
    """Two devices change one line apart: the later one is current whoever comes first, the other one is in history."""
    one, two = central.enrol("局长", "bureau"), central.enrol("副局长", "bureau")
    base = project(one)
    assert outcome_codes(one.push([base])) == ["applied"]
    early = base._replace(stamp=base.stamp + 10, base=base.stamp, body={**base.body, "name": "早"})
    late = early._replace(
        stamp=early.stamp + 10, device=two.device, author=two.person, body={**base.body, "name": "晚"}
    )
    assert outcome_codes(two.push([late])) == ["applied"]
    outcome = one.push([early])[0]
    assert outcome["outcome"] == "superseded"
    assert outcome["winner"] == orjson.loads(canonical_json(late))
    assert one.push([early])[0] == outcome
    versions = one.client.get(f"/v1/history/{base.id}").json()["versions"]
    assert [(v["line"]["body"]["name"], v["reason"], v["current"]) for v in versions] == [
        ("晚", None, True), ("早", "late", False), ("风电场", "edited", False),
    ]  # fmt: skip


def test_several_versions_in_one_batch(central: Central) -> None:
    """A batch may hold a line twice: the later stamp is current, whatever their order, and both are kept once."""
    laptop = central.enrol("局长", "bureau")
    own = project(laptop)
    newer = own._replace(stamp=own.stamp + 5, body={**own.body, "name": "新"})
    assert outcome_codes(laptop.push([newer, own, newer])) == ["applied", "superseded", "applied"]
    versions = laptop.client.get(f"/v1/history/{own.id}").json()["versions"]
    assert [v["line"]["body"]["name"] for v in versions] == ["新", "风电场"]
    assert admin.stats(central.data_dir)["lines"] == 2
    assert admin.check_integrity(central.data_dir) == {"lines": 2, "damaged": [], "buckets": [], "total": False}


def test_equal_rank_is_decided_by_the_merge_rule(central: Central) -> None:
    """The same stamp and device with other content (a copied store): the merge rule's canonical bytes decide, so that
    every store decides alike."""
    laptop = central.enrol("局长", "bureau")
    own = project(laptop)
    twin = own._replace(body={**own.body, "name": "孪生"})
    smaller, larger = sorted([own, twin], key=canonical_json)
    assert outcome_codes(laptop.push([larger])) == ["applied"]
    assert outcome_codes(laptop.push([smaller])) == ["superseded"]


def test_a_line_never_leaves_its_bucket(central: Central) -> None:
    """Pushing a known id into another project, or as another kind, is refused as moved."""
    laptop = central.enrol("局长", "bureau")
    one, two = project(laptop), project(laptop)
    seen = visit(laptop, one.id)
    moved = seen._replace(project=two.id, stamp=seen.stamp + 100)
    other_kind = seen._replace(kind="diary", stamp=seen.stamp + 100)
    assert outcome_codes(laptop.push([one, two, seen, moved, other_kind])) == ["applied"] * 3 + ["moved"] * 2


def test_unknown_kinds_and_fields_are_kept_whole(central: Central) -> None:
    """A newer laptop's kinds and fields pass through an older central unchanged."""
    laptop, other = central.enrol("局长", "bureau"), central.enrol("副局长", "bureau")
    own = project(laptop)
    own = own._replace(body={**own.body, "colour": {"deep": [1, None, "x"]}})
    unknown = laptop.line("weather", {"sky": "晴", "n": None}, own.id)
    assert outcome_codes(laptop.push([own, unknown])) == ["applied", "applied"]
    assert other.pull()["lines"] == [orjson.loads(canonical_json(line)) for line in (own, unknown)]
