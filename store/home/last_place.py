"""Where somebody was on the screens, so that a cut (a closed window, a lost line, a dead battery) costs no way back.

Kept in the device's own file like the drafts, and never replicated. It is forgotten when the screens are left by the
key, and ignored after `MAX_AGE_MS`: whoever comes back the next morning begins with the day. Next:
``tui/app/last_place.py``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

from store.home.device_state import DeviceState

MAX_AGE_MS = 8 * 3_600_000
"""A place that was noted so long ago is not gone back to."""
_LIST = "place"
"""Its row in the table of short lists."""


class OpenScreen(NamedTuple):
    """A screen that was opened on top of another: its name, and what it is about (ids or names)."""

    name: str
    about: tuple[str | None, ...]


class LastPlace(NamedTuple):
    """The ``mode`` (screen of a digit), the screens ``opened`` on top of it, and of the mode's list how it was filtered
    and sorted (``choices``) and the line under the cursor (``at``). ``noted_at`` in ms since 1970."""

    mode: str
    opened: tuple[OpenScreen, ...] = ()
    choices: Mapping[str, str] = {}
    at: str | None = None
    noted_at: int = 0


def read_last_place(state: DeviceState, now_ms: int) -> LastPlace | None:
    """The place to go back to; None where there is none, or it is too old. Raises as `DeviceState.read`."""
    text = _written(state)
    place = None if text is None else _parse(text)
    return place if place is not None and 0 <= now_ms - place.noted_at <= MAX_AGE_MS else None


def note_last_place(state: DeviceState, place: LastPlace) -> None:
    """Keep this place instead of the one before. Raises as `DeviceState.write`."""
    with state.write() as connection:
        row = (_LIST, json.dumps(place._asdict(), ensure_ascii=False))
        connection.execute("INSERT OR REPLACE INTO recent (list, entries) VALUES (?, ?)", row)


def forget_last_place(state: DeviceState) -> None:
    """Keep none: the screens were left by the key. Raises as `DeviceState.write`."""
    with state.write() as connection:
        connection.execute("DELETE FROM recent WHERE list = ?", (_LIST,))


def forget_place_of(state: DeviceState, is_about: Callable[[str], bool]) -> None:
    """Forget a place whose filter is about somebody, as ``is_about`` says of its text: of an erased person no name
    stays."""
    text = _written(state)
    if text is not None and is_about(text):
        forget_last_place(state)


def _written(state: DeviceState) -> str | None:
    with state.read() as connection:
        if connection is None:
            return None
        row = connection.execute("SELECT entries FROM recent WHERE list = ?", (_LIST,)).fetchone()
        return None if row is None else str(row[0])


def _parse(text: str) -> LastPlace | None:
    """What another version, or a damaged file, wrote here is no place."""
    try:
        written = json.loads(text)
        opened = tuple(OpenScreen(str(name), tuple(about)) for name, about in written["opened"])
        choices = {str(name): str(value) for name, value in written["choices"].items()}
        return LastPlace(str(written["mode"]), opened, choices, written["at"], int(written["noted_at"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
