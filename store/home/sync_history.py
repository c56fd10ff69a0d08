"""The history of sync rounds in the device's file: what each did, pruned to the latest `MAX_ROUNDS` rows.

A daemon asks every minute whether there is news. Rounds in a row that ended alike and moved nothing are one row with a
count. ``store/queries/sync_history.py`` reads it for people. May import ``store/home/device_state.py``.
"""

from __future__ import annotations

from typing import NamedTuple

from store.home.device_state import DeviceState

MAX_ROUNDS = 200
"""Older rows are deleted."""
LINES_WAIT = "lines_wait"
"""The detail of a round that found both sides equal while lines waited or were refused: no agreement."""
_COLUMNS = "began, at, ran_by, outcome, detail, verified, pushed, pulled, superseded, rejected, up, down, ms"
_INSERT_ROUND = f"INSERT INTO round (times, {_COLUMNS}) VALUES (1, {', '.join('?' * 13)})"
_REPEAT_ROUND = (
    "UPDATE round SET times = times + 1, at = ?, ms = ?, detail = ?, up = up + ?, down = down + ? WHERE n = ?"
)
_LAST = "SELECT n, ran_by, outcome, verified, pushed, pulled, superseded, rejected FROM round ORDER BY n DESC LIMIT 1"


class RoundRecord(NamedTuple):
    """A round that has ended. ``outcome`` is ``done`` or an error's code; ``began`` and ``at`` are ms since 1970 by the
    central's clock as far as it is known; ``rejected`` counts lines that this round saw refused."""

    began: int
    at: int
    ran_by: str
    outcome: str
    detail: str | None
    verified: bool
    pushed: int
    pulled: int
    superseded: int
    rejected: int
    up: int
    down: int
    ms: int

    @property
    def is_idle(self) -> bool:
        """Whether nothing moved."""
        return not (self.pushed or self.pulled or self.superseded or self.rejected)

    @property
    def collapse_key(self) -> tuple[object, ...]:
        """What two rounds in a row must share to be one row."""
        return self.ran_by, self.outcome, self.verified, *_line_counts(self)


def _line_counts(record: RoundRecord) -> tuple[int, int, int, int]:
    return record.pushed, record.pulled, record.superseded, record.rejected


def save_round(state: DeviceState, record: RoundRecord) -> None:
    """Store a round; one that moved nothing and ended as the one before it raises that one's count."""
    with state.write() as connection:
        last = connection.execute(_LAST).fetchone()
        if last is not None and record.is_idle and (*last[1:3], bool(last[3]), *last[4:]) == record.collapse_key:
            connection.execute(_REPEAT_ROUND, (record.at, record.ms, record.detail, record.up, record.down, last[0]))
            return
        connection.execute(_INSERT_ROUND, tuple(record))
        connection.execute("DELETE FROM round WHERE n <= (SELECT max(n) FROM round) - ?", (MAX_ROUNDS,))
