"""The floor's screen: a bare Textual app that shows a frame at once, then names read by bare SQLCipher.

`python -m tests.bench.bare_app DATABASE KEY`. Reading happens after the first paint, as in our app.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")

from textual.app import App, ComposeResult
from textual.widgets import Footer, Header, Static

from tests.bench.tables import connect


class BareApp(App[None]):
    """A header, a footer and one block of text."""

    def compose(self) -> ComposeResult:
        """Three widgets."""
        yield Header()
        yield Static("bare")
        yield Footer()

    def on_mount(self) -> None:
        """Read once the frame is on the screen."""
        self.call_after_refresh(self._read)

    def _read(self) -> None:
        store = connect(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
        names = [row[0] for row in store.execute("SELECT name FROM project ORDER BY number LIMIT 30")]
        self.query_one(Static).update("\n".join(names))


if __name__ == "__main__":
    BareApp().run()
