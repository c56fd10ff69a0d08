"""Parses a time of day as people write it: 14:30, 14点30, 15时, 下午3点半, 3pm. Pure; knows no days.

A part of a day without an hour (上午) is its customary hour. A bare hour of one to six with 点 is not guessed: at three
o'clock offices mean the afternoon, clocks the night.
"""

from __future__ import annotations

import re
from datetime import time

from store.exceptions import HalfOfDayMissing

_HALVES = "上午|早上|早晨|清晨|凌晨|中午|下午|午后|傍晚|晚上|am|pm"
PARTS_OF_DAY = {"早上": 8, "早晨": 8, "上午": 9, "中午": 12, "下午": 15, "午后": 15, "傍晚": 18, "晚上": 19}
"""The hour by which a part of a day is entered where no hour is said: offices write 上周五上午."""
PART_BEGINS = {
    "早上": 5, "早晨": 5, "清晨": 5, "上午": 6, "中午": 11, "下午": 12, "午后": 12, "傍晚": 16, "晚上": 17,
}  # fmt: skip
"""The hour at which a part of a day begins: before it, today's has not been yet."""
CLOCK_TIME = (
    rf"(?:{_HALVES})?\s*\d{{1,2}}(?::\d{{2}}(?::\d{{2}})?|[点时](?:半|整|钟|一刻|三刻|\d{{1,2}}分?)?)\s*(?:am|pm)?"
    rf"|\d{{1,2}}\s*(?:am|pm)|{'|'.join(PARTS_OF_DAY)}"
)
"""A pattern for what `read_clock_time` may understand, without groups, so that it can stand in another."""
_PARTS = re.compile(
    rf"(?P<before>{_HALVES})?\s*(?P<hour>\d{{1,2}})(?:(?P<mark>:|[点时])(?P<minute>半|整|钟|一刻|三刻|\d{{1,2}})?分?"
    rf"(?::(?P<second>\d{{2}}))?)?\s*(?P<after>am|pm)?"
)
_MINUTES = {"半": 30, "一刻": 15, "三刻": 45, "整": 0, "钟": 0, None: 0}
_MORNING, _AFTERNOON = ("上午", "早上", "早晨", "清晨", "am"), ("下午", "午后", "傍晚", "晚上", "pm")


def read_clock_time(typed: str) -> time | None:
    """The time of day that ``typed`` (as `normalize_typed` gives it) means; None where it is none. Raises
    `HalfOfDayMissing`."""
    if typed in PARTS_OF_DAY:
        return time(PARTS_OF_DAY[typed])
    match = _PARTS.fullmatch(typed)
    if match is None or re.fullmatch(CLOCK_TIME, typed) is None:
        return None
    half, hour = match["before"] or match["after"], int(match["hour"])
    if match["before"] and match["after"]:
        return None
    if half is None and match["mark"] == "点" and 1 <= hour <= 6:
        raise HalfOfDayMissing(text=typed)
    turned = hour if half is None else _hour_of_day(half, hour)
    minute = match["minute"]
    minutes = _MINUTES[minute] if minute in _MINUTES else int(minute)
    try:
        return None if turned is None else time(turned, minutes, int(match["second"] or 0))
    except ValueError:
        return None


def _hour_of_day(half: str, hour: int) -> int | None:
    """The hour on a clock of 24 hours; None where the two do not fit: 上午15点, 晚上12点 (which day's?)."""
    if half == "凌晨":
        return hour if hour <= 6 else None
    if half == "中午":
        return {11: 11, 12: 12, 13: 13, 14: 14, 1: 13, 2: 14}.get(hour)
    if half in _MORNING:
        return (0 if half == "am" and hour == 12 else hour) if hour <= 12 else None
    if half in _AFTERNOON and 1 <= hour <= 11:
        return hour + 12
    return hour if 12 <= hour <= 23 and (half != "晚上" or hour > 12) else None
