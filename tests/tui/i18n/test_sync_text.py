"""Differences of clocks in words: no exponents, no days with a minus where ahead and behind can be said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from store.queries.status import Notification, StoreStatus
from tui.cli.commands.central_clock import say_clock_doubt
from tui.i18n.sync_text import agreement_text, signed_duration_text
from tui.i18n.translate import current_language, set_language
from tui.presenters.sync import NoticeRow, notice_page
from tui.widgets.page import FactTable

DAY_MS = 86_400_000


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """English, and afterwards the language that was set before."""
    before = current_language()
    set_language("en")
    yield
    set_language(before)


@pytest.mark.parametrize(
    ("ms", "text"),
    [(0, "+0 s"), (-6, "-0.006 s"), (119_000, "+119 s"), (-5 * 3_600_000, "-5 hours"), (3_650 * DAY_MS, "+3650 days")],
)
def test_a_clock_that_is_years_off_is_told_in_days(ms: int, text: str) -> None:
    """Small differences are told in seconds, large ones in the unit that fits."""
    assert signed_duration_text(ms) == text


@pytest.mark.parametrize(
    ("off_ms", "words"), [(-3_650 * DAY_MS, "3650 days behind"), (20 * 3_600_000, "20 hours ahead")]
)
def test_the_operator_reads_in_which_direction_the_clock_is_wrong(
    off_ms: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A clock at 2016 is behind; one that has jumped is ahead."""
    say_clock_doubt({"clock_doubtful": True, "clock_off_ms": off_ms})
    assert f"(about {words})" in capsys.readouterr().err


def test_a_notice_of_an_erasure_names_the_drafts_by_their_forms() -> None:
    """Which drafts changed, which were deleted and which are to be looked at, each form once."""
    detail: dict[str, object] = {"changed": ["visit:new:", "visit:new:x"], "gone": ["person:x"], "naming": ["issue:y"]}
    page = notice_page(NoticeRow(Notification(1, "2026-01-01T00:00+08:00", "drafts_emptied", detail, False)), 0)
    facts = dict(next(block for block in page if isinstance(block, FactTable)).pairs)
    told = [facts[name] for name in ("Drafts changed", "Drafts deleted", "Drafts to look at")]
    assert told == ["visit", "person", "issue"]


def test_who_is_not_in_agreement_is_told_why() -> None:
    """A device that has never compared, or whose last round reached nobody, does not just say no."""
    facts = StoreStatus(
        "p", "乙卫东", "210903", "示范区", "d", 1, 0, 0, None, None, None, 0, "https://guanjia.example", False, 0
    )
    assert agreement_text(facts) == "no: never compared with the central"
    offline = replace(facts, verified_at="2026-05-20T11:58:00+08:00", last_round={"outcome": "unreachable"})
    assert agreement_text(offline) == "no: not reached"
    assert agreement_text(replace(offline, in_agreement=True)) == "yes"
