"""The floor of a key: Textual's own list with a thousand rows at hand, nothing read and nothing beside it."""

from __future__ import annotations

import os

os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")

from textual.app import App, ComposeResult
from textual.widgets import OptionList

ROWS = 1_000


def row(number: int) -> str:
    """What stands in a row."""
    return f"N{number:06d}  " + "企业诉求办理情况说明" * 4


class BareList(App[None]):
    """One list."""

    def compose(self) -> ComposeResult:
        """The list."""
        yield OptionList(*map(row, range(ROWS)))


if __name__ == "__main__":
    BareList().run()
