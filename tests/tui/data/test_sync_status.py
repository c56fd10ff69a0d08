"""The sync status in the top line, and how times are written."""

from __future__ import annotations

from typing import Any

import pytest

from store.db.device_facts import FirstReadProgress
from tests.tui.sample import DAY_MS, NOON_MS
from tui.data.readers.device import sync_status_from
from tui.data.sync_status import SyncStatus
from tui.i18n.dates import format_age, format_day, format_moment, format_time
from tui.presenters.sync_status import sync_status_spans

HOUR_MS, MINUTE_MS = 3_600_000, 60_000


def said(status: SyncStatus | None, **options: Any) -> str:
    """The top line's text."""
    return "|".join(text for text, _style in sync_status_spans(status, NOON_MS, **options))


def stands(**facts: Any) -> SyncStatus:
    """A sync status with a central."""
    return SyncStatus(person="乙卫东", district="示范区", central="https://guanjia.example", **facts)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, "正在打开台账"),
        (SyncStatus("乙卫东", "示范区"), "单机使用"),
        (stands(), "尚未同步"),
        (stands(verified_at=NOON_MS - MINUTE_MS, in_agreement=True), "已一致，11:59 核对"),
        (stands(verified_at=NOON_MS - 22 * MINUTE_MS, in_agreement=True), "22 分钟前核对，后台未运行"),
        (stands(verified_at=NOON_MS - 22 * MINUTE_MS, in_agreement=True, daemon=True), "22 分钟前核对"),
        (stands(verified_at=NOON_MS - DAY_MS, unsent=3), "3 条未上报|24 小时前核对，后台未运行"),
        (stands(verified_at=NOON_MS - MINUTE_MS, rejected=1), "1 条被退回|11:59 核对"),
        (stands(verified_at=NOON_MS - MINUTE_MS), "11:59 核对"),
        (stands(coming=FirstReadProgress(500, 2_000)), "记录已到 25%|尚未同步"),
        (stands(offline_since=NOON_MS - HOUR_MS, unsent=2, rejected=1), "1 条被退回|2 条未上报|离线，自 11:00"),
        (stands(failure_code="revoked"), "中心不再认可本机"),
        (stands(verified_at=NOON_MS, in_agreement=True, offset_ms=5 * 60_000), "本机时钟慢 5 分钟|已一致，12:00 核对"),
        (
            stands(verified_at=NOON_MS, in_agreement=True, offset_ms=-3 * HOUR_MS),
            "本机时钟快 3 小时|已一致，12:00 核对",
        ),
        (
            stands(verified_at=NOON_MS, in_agreement=True, offset_ms=400 * DAY_MS),
            "本机时钟慢 400 天|已一致，12:00 核对",
        ),
    ],
)
def test_the_top_line_says_how_the_device_stands(status: SyncStatus | None, expected: str) -> None:
    """Found equal, unsent and rejected lines, offline and a wrong clock each have a text; an old picture has an age
    and is never called equal."""
    assert said(status) == expected


def test_where_there_is_little_room_the_same_is_said_in_fewer_words() -> None:
    """What was compared, and when, stays; the words between go."""
    fresh, old = NOON_MS - MINUTE_MS, NOON_MS - 22 * MINUTE_MS
    assert said(stands(verified_at=fresh, in_agreement=True), words="brief") == "已一致 11:59"
    assert said(stands(verified_at=old, unsent=3), words="brief") == "3 条未上报|22 分钟前核对"
    assert said(stands(offline_since=NOON_MS - HOUR_MS), words="brief") == "离线 11:00"


def test_a_round_under_way_is_said() -> None:
    """While a round runs, the line says so."""
    assert said(stands(), syncing=True) == "正在同步"


def test_a_standing_is_read_from_what_rounds_leave_behind() -> None:
    """Offline is a latest round that did not reach the central; other failures are named by their code."""
    meta = {"person_name": "乙", "central": "https://c", "reached": "2026-05-20T08:00:00+08:00"}
    offline = sync_status_from(
        {**meta, "last_round": '{"at": "2026-05-20T09:00:00+08:00", "outcome": "unreachable"}'}, {}
    )
    assert (offline.offline_since, offline.failure_code) == (NOON_MS - 4 * HOUR_MS, None)
    refused = sync_status_from({**meta, "last_round": '{"at": "2026-05-20T09:00:00+08:00", "outcome": "revoked"}'}, {})
    assert (refused.offline_since, refused.failure_code) == (None, "revoked")
    strange = sync_status_from({**meta, "last_round": '{"at": "2026-05-20T09:00:00+08:00", "outcome": "gremlins"}'}, {})
    assert strange.failure_code == "other"
    done = sync_status_from({"last_round": '{"outcome": "done"}', "offset_ms": "7"}, {"pending": 4, "rejected": 2})
    assert (done.unsent, done.rejected, done.offset_ms, done.failure_code) == (4, 2, 7, None)


@pytest.mark.parametrize("waiting", [{"pending": 1}, {"rejected": 1}, {"backfill": 1}])
def test_in_sync_is_never_said_while_a_line_waits_or_was_refused(waiting: dict[str, int]) -> None:
    """Only a round that found both sides equal, with nothing unsent, refused or still to come, is an agreement."""
    meta = {"central": "https://c", "verified_at": "2026-05-20T11:55:00+08:00"}
    equal = {**meta, "last_round": '{"outcome": "done", "verified": true}'}
    assert sync_status_from(equal, {}).in_agreement
    assert "已一致" in said(sync_status_from(equal, {}))
    assert "已一致" not in said(sync_status_from(equal, waiting))
    for ended in ('{"outcome": "done", "verified": false}', '{"outcome": "unreachable"}', "{}"):
        assert not sync_status_from({**meta, "last_round": ended}, {}).in_agreement


def test_times_are_as_short_as_they_can_be() -> None:
    """Today has no date, this year no year; what cannot be read is shown as it is stored."""
    assert format_time(NOON_MS, NOON_MS) == "12:00"
    assert format_time(NOON_MS - DAY_MS, NOON_MS) == "05-19 12:00"
    assert format_time(NOON_MS - 400 * DAY_MS, NOON_MS) == "2025-04-15"
    assert format_moment("2026-05-20T01:00Z", NOON_MS) == "09:00"
    assert format_moment("soon", NOON_MS) == "soon"
    assert [format_day(day, NOON_MS) for day in ("2026-05-20", "2026-06-01", "2027-01-01", None)] == [
        "今天",
        "06-01",
        "2027-01-01",
        "",
    ]
    assert [format_age(moment, NOON_MS) for moment in ("2026-05-20T09:00+08:00", "2026-05-17T09:00+08:00", None)] == [
        "今天",
        "3 天前",
        "",
    ]
