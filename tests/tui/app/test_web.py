"""The screens in a browser: what textual-serve does with the program, done here packet by packet.

textual-serve itself brings eight packages for what is one environment variable and five bytes before each text, so
the tests speak its protocol (``textual/drivers/web_driver.py``) and do without it.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.home.credentials import open_credentials
from store.home.paths import resolve_home
from tests.tui.cli.laptop import COMMAND, Laptop
from tests.tui.sample import KEY

PATIENCE_S = 40.0
HEAD = 5
DRIVER = {"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver", "TEXTUAL_COLOR_SYSTEM": "truecolor"}


class Browser:
    """The program under the web driver: text it has sent so far, keys to it."""

    def __init__(self, home: Path) -> None:
        open_credentials(resolve_home(str(home)), "file").save_key(KEY)
        laptop = Laptop(home, {**DRIVER, "COLUMNS": "100", "ROWS": "30", "GUANJIA_LANGUAGE": "zh"})
        self.program = subprocess.Popen(
            COMMAND, env=laptop.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=home.parent
        )
        self._text = ""
        self._more = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        stream = self.program.stdout
        assert stream is not None
        assert stream.readline() == b"__GANGLION__\n"
        while len(head := stream.read(HEAD)) == HEAD:
            text = stream.read(int.from_bytes(head[1:], "big")).decode()
            with self._more:
                self._text += text if head[:1] == b"D" else ""
                self._more.notify_all()

    def type(self, text: str) -> None:
        """Send keys as the browser does."""
        data = text.encode()
        assert self.program.stdin is not None
        self.program.stdin.write(b"D" + len(data).to_bytes(4, "big") + data)
        self.program.stdin.flush()

    def wait_for(self, text: str) -> None:
        """Wait until a text has been sent since the last wait."""
        with self._more:
            assert self._more.wait_for(lambda: text in self._text, PATIENCE_S), self._text[-2000:]
            self._text = ""


@pytest.fixture
def browser(home: Path) -> Iterator[Browser]:
    """The program in a browser, on the sample."""
    opened = Browser(home)
    yield opened
    opened.program.kill()
    opened.program.wait()


@pytest.mark.skipif(os.name != "posix", reason="the driver reads pipes as POSIX has them")
def test_the_screens_work_in_a_browser(browser: Browser) -> None:
    """They open without a terminal, take keys and Chinese, and end by their own key."""
    browser.wait_for("北山新能源")
    browser.type("/供电线路")
    browser.wait_for("W2026-001")
    browser.type("\x1b")
    browser.wait_for("北山新能源")  # escape and a digit that come as one are another key
    browser.type("5")
    browser.wait_for("2026")
    browser.type("\x11")
    assert browser.program.wait(PATIENCE_S) == 0
