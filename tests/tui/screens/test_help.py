"""The help of a screen, and the pages of the guides behind it."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from tests.tui.driving import drive, make_app, press, screen_text, settled


def test_help_leads_to_the_pages_of_the_guides(home: Path) -> None:
    """From any screen ? and t list the topics; enter opens the page that ``guanjia help`` prints, esc leads back."""
    seen = []

    async def script(pilot: Pilot[None]) -> None:
        below = pilot.app.screen
        for key in ("question_mark", "t", "down", "down", "down", "enter"):
            await press(pilot, key)
            await settled(pilot)
            seen.append(screen_text(pilot))
        for _key in range(2):
            await press(pilot, "escape")
        assert pilot.app.screen is below

    drive(make_app(home), script, (80, 24))
    assert "没有网络" in seen[1] and "记录被中心退回" in seen[1]
    assert "照常工作，什么都不会丢" in seen[-1] and "guanjia bundle export /media/usb" in seen[-1]
