"""The pure rules under everything: the clock, the merge, the line's canonical form, buckets and names."""

from __future__ import annotations

import itertools
from functools import reduce
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.exceptions import BadLine
from store.ledger.buckets import Area, SetChecksum, bucket_group, bucket_name
from store.ledger.hlc import MAX_CLOCK_AHEAD_MS, MAX_HLC, hlc_from_ms, is_too_far_ahead, ms_from_hlc, tick
from store.ledger.kinds import is_valid_line, kinds
from store.ledger.line import Line, canonical_json, derived_id, is_id, new_id, parse_line
from store.ledger.merge import replaces, supersede_reason
from store.values.text import FORBIDDEN, is_surely_clean, normalize_name, normalize_phone, sanitize, sanitize_deep

YEAR_1970, YEAR_2099 = 0, 4_070_908_800_000
stamps = st.integers(0, MAX_HLC)
json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
bodies = st.dictionaries(st.text(), json, max_size=4)
few_ids = st.sampled_from([derived_id(str(n)) for n in range(3)])
lines = st.builds(
    Line,
    id=few_ids,
    kind=st.sampled_from(["visit", "no_such_kind"]),
    project=st.none() | few_ids,
    stamp=st.integers(0, 3) | stamps,
    device=few_ids,
    author=few_ids,
    deleted=st.booleans(),
    body=bodies,
    base=stamps,
)


# Clock


@given(last=stamps.filter(lambda s: s < MAX_HLC - 1), seen=st.integers(0, MAX_HLC - 2), now=st.integers(0, 2**46))
def test_a_stamp_is_later_than_all_it_knows(last: int, seen: int, now: int) -> None:
    """Whatever the clock says, the next stamp beats this device's last one and the version that is replaced."""
    stamp = tick(last, now, seen)
    assert stamp > last and stamp > seen and ms_from_hlc(stamp) >= min(now, ms_from_hlc(stamp))


def test_a_full_counter_carries_into_the_milliseconds() -> None:
    """After 65,536 stamps in one millisecond the next one is in the next millisecond, still in order."""
    last = hlc_from_ms(1000)
    for _ in range(70_000):
        following = tick(last, 1000)
        assert following > last
        last = following
    assert ms_from_hlc(last) == 1001


@pytest.mark.parametrize("now", [YEAR_1970, YEAR_2099, -1])
def test_odd_clocks_give_stamps_that_fit(now: int) -> None:
    """1970, 2099 and a clock before 1970 give stamps within a signed 64-bit integer."""
    assert 0 <= tick(0, now) <= MAX_HLC


def test_ahead_means_more_than_two_minutes() -> None:
    """Exactly two minutes ahead is accepted; a millisecond more is not."""
    assert not is_too_far_ahead(hlc_from_ms(YEAR_2099 + MAX_CLOCK_AHEAD_MS), YEAR_2099)
    assert is_too_far_ahead(hlc_from_ms(YEAR_2099 + MAX_CLOCK_AHEAD_MS + 1), YEAR_2099)


# Merge


@given(versions=st.lists(lines, min_size=1, max_size=4))
def test_any_order_of_versions_has_one_winner(versions: list[Line]) -> None:
    """The rule is a maximum: every order of arrival leaves the same version."""
    winners = {
        canonical_json(reduce(lambda held, new: new if replaces(new, held) else held, order))
        for order in itertools.permutations(versions)
    }
    assert len(winners) == 1


@given(one=lines, other=lines)
def test_of_two_versions_exactly_one_wins(one: Line, other: Line) -> None:
    """Different versions never both win or both lose; a version never beats itself."""
    assert replaces(one, other) != replaces(other, one) or canonical_json(one) == canonical_json(other)
    assert not replaces(one, one)


@given(one=lines, other=lines)
def test_equal_stamps_are_decided_by_device(one: Line, other: Line) -> None:
    """With equal stamps the greater device id wins."""
    other = other._replace(stamp=one.stamp)
    if one.device != other.device:
        assert replaces(one, other) == (one.device > other.device)


def test_who_had_seen_it_edited_and_who_had_not_superseded() -> None:
    """The reason follows from what the winner's author had seen."""
    loser = Line(new_id(), "visit", new_id(), 10, new_id(), new_id(), False, {})
    winner = loser._replace(stamp=20, device=new_id())
    assert (
        supersede_reason(winner._replace(base=10), loser)
        == "edited"
        == supersede_reason(winner._replace(base=15), loser)
    )
    assert supersede_reason(winner._replace(base=9), loser) == "superseded"
    assert supersede_reason(winner._replace(base=0, device=loser.device), loser) == "edited"


# Lines


@given(line=lines)
def test_a_line_survives_the_wire(line: Line) -> None:
    """Canonical bytes, decoded and parsed, give the line and the same bytes again."""
    back = parse_line(orjson.loads(canonical_json(line)))
    assert back == line and canonical_json(back) == canonical_json(line)


@given(value=json | st.dictionaries(st.sampled_from(Line._fields), json))
def test_what_is_no_line_is_named_as_bad(value: Any) -> None:
    """Any JSON either is a line or raises BadLine, never anything else."""
    try:
        assert isinstance(parse_line(value), Line)
    except BadLine:
        return


def test_ids_are_uuids_that_sort_by_time() -> None:
    """UUIDv7 by time, UUIDv8 by key; both in canonical spelling."""
    assert new_id(1000) < new_id(2000) and new_id()[14] == "7"
    assert is_id(new_id()) and is_id(derived_id("a", "b")) and derived_id("a", "b")[14] == "8"
    assert derived_id("a", "b") == derived_id("a", "b") != derived_id("ab", "")


# Buckets


@given(digests=st.lists(st.integers(0, 2**64 - 1), max_size=30), cut=st.integers(0, 30))
def test_sums_do_not_depend_on_order_or_grouping(digests: list[int], cut: int) -> None:
    """The set-digest of a scope is the sum of its parts in any order, and taking out undoes putting in."""
    total = reduce(SetChecksum.with_digest, digests, SetChecksum())
    parts = reduce(SetChecksum.with_digest, digests[:cut], SetChecksum()).add(
        reduce(SetChecksum.with_digest, digests[cut:], SetChecksum())
    )
    assert total == parts == reduce(SetChecksum.with_digest, reversed(digests), SetChecksum())
    assert reduce(lambda held, digest: held.with_digest(digest, -1), digests, total) == SetChecksum()


def test_each_area_has_its_bucket() -> None:
    """District, head, body, issue and procedure lines are where decision 4 puts them, evaluations and phones apart."""
    names = {area: bucket_name(area, "P", "R") for area in Area}
    assert list(names.values()) == ["d", "h:P", "p:P", "i:R", "c:R", "b", "t"]
    assert bucket_name(Area.BODY, None, "R") == "d" and len(bucket_group("p:P")) == 2


# Kinds and text


@given(body=bodies)
def test_any_body_of_an_unknown_kind_is_sound_if_its_text_is(body: dict[str, Any]) -> None:
    """The central keeps what it does not know, unless it carries control characters."""
    line = Line(new_id(), "no_such_kind", new_id(), 1, new_id(), new_id(), False, body)
    assert is_valid_line(line, canonical_json(line)) == (sanitize_deep(body) == body)


@given(body=bodies)
def test_a_checked_body_passes_every_later_check(body: dict[str, Any]) -> None:
    """What the ledger lets in, the central accepts."""
    kind = kinds()["person"]
    checked = kind.validate({"name": "甲", **{k: v for k, v in body.items() if k not in kind.fields and v is not None}})
    line = Line(new_id(), "person", None, 1, new_id(), new_id(), False, checked)
    assert is_valid_line(line, canonical_json(line))


@given(text=st.text())
def test_cleaning_is_complete_and_done_once(text: str) -> None:
    """Clean text holds nothing forbidden, cleaning again changes nothing, and the quick look never misses."""
    cleaned = sanitize(text)
    assert not FORBIDDEN.search(cleaned) and sanitize(cleaned) == cleaned
    if is_surely_clean(orjson.dumps(text)) if not any("\ud800" <= c <= "\udfff" for c in text) else False:
        assert not FORBIDDEN.search(text)


def test_names_and_phones_compare_by_what_people_mean() -> None:
    """Inner spaces, full-width letters and separators do not make another person or phone."""
    assert normalize_name("辛  柱") == normalize_name("辛\u3000柱") == "辛柱"
    assert normalize_name("ＡＢＣ 公司") == "abc公司"
    assert normalize_phone("０４１８－0000001") == "04180000001" and normalize_phone("+86 199") == "+86199"
