"""What is loaded before it is needed: the first opening of a screen costs what the second does."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot

from tests.tui.driving import drive, make_app, settled
from tests.tui.sample import issue_id
from tui.app.preload import preload_steps

OPENED: dict[str, tuple[Any, ...]] = {"issue": (issue_id(4),), "lookup": (), "visit_form": (None, None)}


def test_a_screen_that_was_warmed_reads_no_style_sheet_and_no_module(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the pieces are read, opening the screens most used parses no source again and imports nothing of ours."""
    app = make_app(home, start="issues")
    parsed: list[Stylesheet] = []

    async def script(pilot: Pilot[None]) -> None:
        for piece in preload_steps(threading.Event()):
            piece(app.stylesheet)
        monkeypatch.setattr(Stylesheet, "parse", parsed.append)
        known = set(app.stylesheet.source)
        for name, arguments in OPENED.items():
            loaded = {module for module in sys.modules if module.startswith(("tui.", "store."))}
            await app.open_screen(name, *arguments)
            assert not parsed, name
            assert set(app.stylesheet.source) <= known, name
            assert {one for one in sys.modules if one.startswith(("tui.", "store."))} == loaded, name
            await settled(pilot)
            await app.pop_screen()

    drive(app, script, (160, 45))


def test_nothing_is_warmed_when_the_app_ends() -> None:
    """The thread stops at once when the app is being left."""
    leaving = threading.Event()
    leaving.set()
    assert list(preload_steps(leaving)) == []
