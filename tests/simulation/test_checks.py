"""The checks of the simulation can fail: with the product's rules they are silent, a wrong rule each of them names."""

from __future__ import annotations

import pytest

from store.ledger.line import Line
from store.ledger.merge import version_key
from tests.simulation.causality import CausalHistory, Content, versions_of
from tests.simulation.model import Model, Rules
from tests.simulation.record import Record
from tests.store.devices import START_MS

SEEDS = range(30)
"""So many short plays of a model of dictionaries take a few milliseconds each."""


def _older_wins(challenger: Line, current: Line) -> bool:
    return version_key(challenger) < version_key(current)


def _by_device(challenger: Line, current: Line) -> bool:
    return (challenger.device, challenger.stamp) > (current.device, current.stamp)


def _latest_to_arrive(_challenger: Line, _current: Line) -> bool:
    return True


WRONG = {
    "the older of two versions wins": (Rules(merge=_older_wins, take=_older_wins), "is beaten by it"),
    "the device decides before the stamp": (Rules(merge=_by_device, take=_by_device), "is beaten by it"),
    "what arrives last wins": (Rules(merge=_latest_to_arrive, take=_latest_to_arrive), "not the greatest"),
    "a laptop takes in whatever the central has": (Rules(merge=_older_wins, take=_latest_to_arrive), "and then"),
    "an edit is stamped by the clock alone": (Rules(stamp=lambda _last, now, _seen: now << 16), "is put below it"),
    "what loses is dropped": (Rules(retire=lambda _history, _loser: None), "lost:"),
    "numbers begin anew": (Rules(number=lambda given: f"2026-{len(given) % 3 + 1:04}"), "was given to"),
    "an answered line stays unsent": (Rules(settle=lambda line: line.stamp % 2 == 0), "unsent"),
}
"""Each wrong rule, with what the check says that must find it."""


def test_the_checks_find_nothing_where_the_rules_are_kept() -> None:
    """Laptops with wrong clocks that write the same lines apart: nothing is lost, beaten, shown again, or doubled."""
    assert [violation for seed in SEEDS for violation in Model(seed, Rules()).play()] == []


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_is_found(name: str) -> None:
    """A fault of merge, stamp, history, numbers or outbox would not go unnoticed for many seeds."""
    rules, says = WRONG[name]
    assert any(says in violation for seed in SEEDS for violation in Model(seed, rules).play())


def test_an_issue_that_changes_its_number_is_found() -> None:
    """A number is of one issue for good: another one for the same issue is a violation too."""
    model = Model(1, Rules())
    model.record.numbers["甲"] = {"issue": {"2026-0001", "2026-0002"}}
    assert any("has had the numbers" in violation for violation in model.play())


def test_a_copied_store_has_seen_what_its_original_had() -> None:
    """An edit on a copy is known to follow what was shown before the copy was made, and on a new store is not."""
    history = CausalHistory()
    first, second, third = (Content(text, False) for text in "一二三")
    history.write("甲", "line", first, None)
    history.copy_store("甲", "甲的副本")
    history.write("甲的副本", "line", second, first)
    history.write("乙", "line", third, None)
    assert history.knows("line", second, first)
    assert not history.knows("line", third, first)
    assert history.show("甲", {"line": second}) == []
    assert history.show("甲", {"line": first}) != []


def test_an_older_version_that_was_restored_is_no_violation() -> None:
    """Who restores writes the same text again: that it is shown again says nothing."""
    history = CausalHistory()
    first, second = Content("一", False), Content("二", False)
    history.write("甲", "line", first, None)
    history.write("甲", "line", second, first)
    assert history.write("甲", "line", first, second) == []
    assert not history.knows("line", second, first)


def test_a_restored_version_that_a_set_back_central_lost_is_not_expected() -> None:
    """The same text from before, which the central still has, does not stand for the later version that is gone."""
    record = Record()
    body = {"text": "一", "at": "2026-03-04T09:00+08:00", "how": "visit"}
    before, after = (Line("a", "visit", None, stamp, "d", "p", False, body) for stamp in (1 << 16, 9 << 16))
    for line in (before, after):
        record.write("甲", "甲", "d", line, None)
        record.accept(line, START_MS)
    assert record.lasting([before]) == [before, after]
    record.set_back(versions_of([before]), {}, set())
    assert record.lasting([before]) == [before]
