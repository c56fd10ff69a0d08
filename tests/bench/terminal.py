"""A program at the other end of a terminal: keys in, and the moment at which what they must show has been painted.

What is painted is told by its text *and* its background, since a list paints the same rows again and again: the row
under the cursor is the one whose background is not the page's. No terminal is modelled beyond that. Output is read as
it comes and looked at when it pauses: looking takes milliseconds, in which a program that paints would have to wait.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tests.bench.screen import cpu_seconds, peak_mb

_PARTS = re.compile(
    rb"\x1b\[([0-9;]*)m"  # 1: colours
    rb"|\x1b\[[0-?]*[ -/]*([@-~])"  # 2: the cursor, modes
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P_^][^\x1b]*\x1b\\|\x1b."
    rb"|([^\x00-\x20\x1b]+)"  # 3: text
)
_PAUSE_S = 0.002
_BACKGROUND = re.compile(rb"(?:^|;)(48;2;\d+;\d+;\d+|48;5;\d+|4[0-79]|10[0-7])(?=;|$)")


class Painted(NamedTuple):
    """A run of text without its spaces, and the colours that stand behind it."""

    text: str
    background: bytes


def painted(output: bytes) -> Iterator[Painted]:
    """The runs of text in what a program sent: one for each stretch with one background between two jumps."""
    background, text = b"", b""
    for part in _PARTS.finditer(output):
        colours, moved, words = part.groups()
        behind = background
        if colours is not None:
            found = _BACKGROUND.findall(colours)
            behind = found[-1] if found else b"" if colours in (b"", b"0") else background
        if words is not None:
            text += words
        elif text and (moved == b"H" or behind != background):
            yield Painted(text.decode(errors="replace"), background)
            text = b""
        background = behind
    if text:
        yield Painted(text.decode(errors="replace"), background)


class Wanted(NamedTuple):
    """What a key must show: ``words``, on the page's background or (``lit``) on another."""

    words: str
    lit: bool | None = None


class Terminal:
    """A running program. ``page`` is the background of its page, learnt by `learn`; ``sent`` how many bytes it has
    sent since the last `press`."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], size: tuple[int, int] = (120, 40)
    ) -> None:
        self.started = time.perf_counter()
        self._pid, self._file = pty.fork()
        if self._pid == 0:  # the new process
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            # the terminal says how big it is, whatever the environment of whoever runs this says
            known = {name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES")}
            os.execvpe(command[0], list(command), {**known, "TERM": "xterm-256color", "COLORTERM": "truecolor"})
        self.page = b""
        self.sent = 0

    @property
    def peak_mb(self) -> float:
        """The most memory that it had so far."""
        return peak_mb(self._pid)

    @property
    def cpu(self) -> float:
        """Seconds of processor time that it used so far."""
        return cpu_seconds(self._pid)

    def learn(self, words: str, keys: str = "") -> None:
        """Press ``keys``, wait for ``words`` and take what stands behind them as the page's background."""
        os.write(self._file, keys.encode())
        output, _when = self._until(lambda output: any(_bare(words) in run.text for run in painted(output)), 60)
        self.page = next(run.background for run in painted(output) if _bare(words) in run.text)

    def press(self, keys: str, wanted: Wanted, patience: float = 30) -> float:
        """Milliseconds from writing ``keys`` to ``wanted``. Raises `TimeoutError` when that never comes."""
        self.settle(0)
        self.sent = 0
        start = time.perf_counter()
        os.write(self._file, keys.encode())
        _output, shown = self._until(lambda output: self._shows(output, wanted), patience)
        return (shown - start) * 1000

    def type(self, keys: str, quiet: float = 0.1) -> list[Painted]:
        """Press ``keys`` and read until nothing has come for ``quiet`` seconds; gives what was painted."""
        os.write(self._file, keys.encode())
        return self.settle(quiet)

    def settle(self, quiet: float = 0.1) -> list[Painted]:
        """Read until nothing has come for ``quiet`` seconds; gives what was painted."""
        output = b""
        while select.select([self._file], [], [], quiet)[0]:
            output += self._read()
        return list(painted(output))

    def close(self) -> None:
        """End the program, whatever it does."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._file)

    def _shows(self, output: bytes, wanted: Wanted) -> bool:
        words = _bare(wanted.words)
        if words.encode() not in output.replace(b" ", b"") and wanted.lit is not None:
            return False
        return any(
            words in run.text and (wanted.lit is None or wanted.lit == (run.background != self.page))
            for run in painted(output)
        )

    def _until(self, shown: Callable[[bytes], bool], patience: float) -> tuple[bytes, float]:
        """What has come until ``shown``, and the moment at which the last of it came that was needed."""
        output, came, end = b"", list[tuple[int, float]](), time.perf_counter() + patience
        while (left := end - time.perf_counter()) > 0:
            if select.select([self._file], [], [], _PAUSE_S if came else left)[0]:
                output += self._read()
                came.append((len(output), time.perf_counter()))
            elif shown(output):
                return output, next(when for length, when in came if shown(output[:length]))
            else:
                came.clear()
        text = " ".join(run.text for run in painted(output))
        raise TimeoutError(f"not shown within {patience} s; came: {text[-600:]}")

    def _read(self) -> bytes:
        came = os.read(self._file, 1 << 16)
        self.sent += len(came)
        return came


def _bare(words: str) -> str:
    return "".join(words.split())
