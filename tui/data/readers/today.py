"""What the screen of the day reads, and what a meeting is set up from: both look at drafts first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from store.db.connection import Connection
from store.domain.status_lights import LightThresholds
from store.exceptions import DeviceStateError
from store.home.device_state import DeviceState
from store.home.drafts import unsaved_drafts
from store.queries.hand_over import GivenUp, TakenOver, given_up, taken_over
from store.queries.stand_ins import StandInRow, stand_ins
from store.queries.today import Today, today


class DayNotices(NamedTuple):
    """What the day tells beside: projects that came and left lately, and who acts for whom today."""

    taken: Sequence[TakenOver]
    left: Sequence[GivenUp]
    acting: Sequence[StandInRow]


class TodayReading(NamedTuple):
    """The day, and why it is without drafts where they cannot be read."""

    today: Today
    notices: DayNotices
    drafts_error: DeviceStateError | None = None


def read_today(connection: Connection, device_state: DeviceState, thresholds: LightThresholds) -> TodayReading:
    """What needs the person today, with the drafts where they can be read."""
    notices = read_notices(connection, thresholds.today)
    try:
        return TodayReading(today(connection, thresholds, unsaved_drafts(connection, device_state)), notices)
    except DeviceStateError as error:
        return TodayReading(today(connection, thresholds, []), notices, error)


def read_notices(connection: Connection, day: str) -> DayNotices:
    """What the officer of this device is told on a day beside what needs them."""
    acting = [row for row in stand_ins(connection, day) if row.mine and row.state == "now"]
    return DayNotices(taken_over(connection, day), given_up(connection, day), acting)
