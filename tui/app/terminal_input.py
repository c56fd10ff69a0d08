"""Takes a terminal's bytes apart: text, whole escape sequences, escape, alt keys, pastes. Pure: time is an argument.

A sequence is one token however it was split into reads, so that whoever does not know it can drop it whole; one that
is broken off is dropped after a while. Bytes that are not UTF-8 become one token and never end the input. Imports no
Textual; ``tui/app/terminal_driver.py`` makes messages of the tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

TokenKind = Literal["text", "sequence", "escape", "alt", "paste", "unreadable"]
SEQUENCE_TIMEOUT_S = 1.0
"""After so much silence a sequence or a character that is not complete is dropped."""
STRING_TIMEOUT_S = 5.0
"""A string (OSC, DCS, APC, PM, SOS) that has not ended by then is dropped, even if bytes keep coming."""
PASTE_TIMEOUT_S = 3.0
"""After so much silence a paste whose end never came is handed over, so that keys are keys again."""
LATE_REST_S = 1.0
"""For so long after an escape that timed out, what looks like the rest of its sequence is taken for that."""

_ESC = 0x1B
_SEQUENCE = re.compile(
    rb"\x1b(?:"
    rb"\[M[\x20-\xff]{3}"  # the mouse as the first xterm told it
    rb"|\[\[[\x20-\x7e]"  # function keys of the Linux console
    rb"|\[(?![\[M])[0-?]*[ -/]*[@-~]"  # CSI
    rb"|O[0-9;]*[ -/:<-~]"  # SS3, with xterm's modifiers
    rb")"
)
_UNFINISHED = re.compile(rb"\x1b(?:\[(?:\[|M[\x20-\xff]{0,2}|[0-?]*[ -/]*)|O[0-9;]*)\Z")
_BROKEN = re.compile(rb"\x1b(?:\[(?:\[|M[\x20-\xff]{0,2}|[0-?]*[ -/]*)|O[0-9;]*)")
_STRING_INTRODUCERS = b"]P_^X"
_STRING_END = re.compile(rb"\x07|\x1b|\xc2\x9c|[\x00-\x06\x0e-\x1a\x1c-\x1f]")
_LATE_REST = re.compile(rb"\[(?:\[[A-E]|[0-?]*[ -/]*[@-~])|O[A-DFHP-S]\Z")
_LATE_TAIL = re.compile(rb"[0-?]+[ -/]*[@-~]")
_PLAIN = re.compile(rb"[\x00-\x1a\x1c-\x7f]+")
_HIGH = re.compile(rb"[\x80-\xff]+")
_C1 = re.compile(r"[\x80-\x9f]")
_C1_INTRODUCERS = {0x8F: b"O", 0x90: b"P", 0x98: b"X", 0x9B: b"[", 0x9D: b"]", 0x9E: b"^", 0x9F: b"_"}
_GBK_TRAIL = re.compile(rb"[@-~]|[0-9](?=[\x80-\xff])")
_UNREAD_CSI = b"\x1b[0"
"""What an 8-bit CSI is read as: a sequence that nobody knows, wherever reads cut it."""
_PASTE_START, _PASTE_END = b"\x1b[200~", b"\x1b[201~"
_MAX_UNFINISHED = 256


class InputToken(NamedTuple):
    """One thing that a terminal sent: ``text`` of a ``text`` or ``alt`` token is one character, of a ``sequence`` all
    of it, of a ``paste`` what was pasted; of the others it is empty."""

    kind: TokenKind
    text: str = ""


class InputDecoder:
    """Makes tokens of bytes as they are read. ``escape_delay_s`` is how long after an escape the rest of a sequence
    may come; times are monotonic seconds. Never raises for what a terminal sends."""

    def __init__(self, escape_delay_s: float) -> None:
        self._escape_delay_s = escape_delay_s
        self._buffer = b""
        self._paste: bytearray | None = None
        self._last_at = self._began_at = 0.0
        self._late_until = 0.0
        self._late: re.Pattern[bytes] = _LATE_REST

    def feed(self, data: bytes, now: float) -> list[InputToken]:
        """The tokens that are complete with ``data``."""
        if not self._buffer and self._paste is None:
            data = self._join_late_rest(data, now)
            self._began_at = now
        self._buffer += data
        self._last_at = now
        return list(self._take())

    def expire(self, now: float) -> list[InputToken]:
        """The tokens of what has waited too long for its rest."""
        wait = self.wait_s(now)
        if wait is None or wait > 0:
            return []
        pending, self._buffer = self._buffer, b""
        return list(self._end_paste() if self._paste is not None else self._expired(pending))

    def wait_s(self, now: float) -> float | None:
        """Seconds until `expire` has something to do; None while nothing waits for its rest."""
        if self._paste is not None:
            return max(0.0, self._last_at + PASTE_TIMEOUT_S - now)
        if not self._buffer:
            return None
        if len(self._buffer) <= 2 and self._buffer[0] == _ESC:
            return max(0.0, self._last_at + self._escape_delay_s - now)
        until = self._last_at + SEQUENCE_TIMEOUT_S
        if self._in_string():
            until = min(until, self._began_at + STRING_TIMEOUT_S)
        return max(0.0, until - now)

    def _take(self) -> Iterator[InputToken]:
        while self._buffer:
            before = self._buffer
            if self._paste is not None:
                yield from self._take_paste()
            elif self._buffer[0] == _ESC:
                yield from self._take_escape()
            elif self._buffer[0] >= 0x80:
                yield from self._take_high()
            elif plain := _PLAIN.match(self._buffer):
                self._drop(plain.end())
                yield from (InputToken("text", chr(byte)) for byte in plain.group())
            if self._buffer == before:
                break

    def _drop(self, count: int) -> None:
        """Drop what has become a token; what is behind it begins now."""
        self._buffer = self._buffer[count:]
        self._began_at = self._last_at

    # ── escape sequences ────────────────────────────────────────────────────────────────────────────────────────

    def _take_escape(self) -> Iterator[InputToken]:
        buffer = self._buffer
        if whole := _SEQUENCE.match(buffer):
            self._drop(whole.end())
            if whole.group() == _PASTE_START:
                self._paste = bytearray()
            else:
                yield InputToken("sequence", whole.group().decode("latin-1"))
        elif self._in_string():
            self._skip_string()
        elif len(buffer) == 1:
            return
        elif _UNFINISHED.match(buffer):
            if len(buffer) > _MAX_UNFINISHED:
                self._buffer = buffer[:3]  # too long to be anything; its end is still waited for
        elif broken := _BROKEN.match(buffer):
            self._drop(broken.end())
            if broken.end() == 2:
                yield InputToken("alt", chr(buffer[1]))
        else:
            yield from self._take_alt()

    def _take_alt(self) -> Iterator[InputToken]:
        """An escape and one character more: the alt key, as terminals send it. Before what is no ASCII, and before
        another escape, it was the escape key."""
        if self._buffer[1] == _ESC or self._buffer[1] >= 0x80:
            yield InputToken("escape")
            self._drop(1)
        else:
            yield InputToken("alt", chr(self._buffer[1]))
            self._drop(2)

    def _in_string(self) -> bool:
        return len(self._buffer) > 1 and self._buffer[0] == _ESC and self._buffer[1] in _STRING_INTRODUCERS

    def _skip_string(self) -> None:
        """Drop a string up to its end. What has come of one that has not ended is dropped at once, but for its
        introducer and its last byte, which may begin its end."""
        end = _STRING_END.search(self._buffer, 2)
        if end is None:
            self._buffer = self._buffer[:2] + self._buffer[2:][-1:]
        elif end.group() != b"\x1b":
            ends_it = end.group() in (b"\x07", b"\xc2\x9c", b"\x18", b"\x1a")
            self._drop(end.end() if ends_it else end.start())
        elif end.end() < len(self._buffer):
            ends_it = self._buffer[end.end()] == ord("\\")
            self._drop(end.end() + 1 if ends_it else end.start())
        else:
            self._buffer = self._buffer[:2] + self._buffer[2:][-2:]

    def _expired(self, pending: bytes) -> Iterator[InputToken]:
        """What a beginning means whose rest never came."""
        if pending == b"\x1b":
            yield InputToken("escape")
            self._expect_late(_LATE_REST, self._escape_delay_s)
        elif pending[0] != _ESC:
            yield InputToken("unreadable")
        elif len(pending) == 2:
            yield InputToken("alt", chr(pending[1]))
        elif pending[1] == ord("["):
            yield InputToken("sequence", pending.decode("latin-1"))  # rxvt ends some of its keys with “$”
            self._expect_late(_LATE_TAIL, SEQUENCE_TIMEOUT_S)

    def _expect_late(self, rest: re.Pattern[bytes], timeout_s: float) -> None:
        self._late, self._late_until = rest, self._last_at + timeout_s + LATE_REST_S

    def _join_late_rest(self, data: bytes, now: float) -> bytes:
        """``data`` with the beginning put back that a slow line has torn from it. Nobody types such a rest within one
        read."""
        if now < self._late_until and self._late.match(data):
            data = (b"\x1b" if self._late is _LATE_REST else b"\x1b[") + data
        self._late_until = 0.0
        return data

    # ── characters ──────────────────────────────────────────────────────────────────────────────────────────────

    def _take_high(self) -> Iterator[InputToken]:
        """A run of bytes above ASCII: its characters, or one token where it is not UTF-8."""
        match = _HIGH.match(self._buffer)
        run = match.group() if match else b""
        try:
            text, taken = run.decode("utf-8"), len(run)
        except UnicodeDecodeError as error:
            is_unfinished = error.end == len(run) == len(self._buffer) and error.reason == "unexpected end of data"
            if not is_unfinished:
                yield InputToken("unreadable")
                self._drop(len(run) + self._foreign_rest(run))
                if run.endswith(b"\x9b"):
                    self._buffer = _UNREAD_CSI + self._buffer
                return
            text, taken = run[: error.start].decode("utf-8"), error.start
        if control := _C1.search(text):
            text = text[: control.start()]
            introducer = _C1_INTRODUCERS.get(ord(control.group()))
            self._drop(len(text.encode()) + 2)
            if introducer is not None:
                self._buffer = b"\x1b" + introducer + self._buffer
        else:
            self._drop(taken)
        yield from (InputToken("text", character) for character in text)

    def _foreign_rest(self, run: bytes) -> int:
        """How many bytes of ASCII behind a run that is not UTF-8 belong to it: the second half of a GBK character."""
        if run.endswith(b"\x9b"):
            return 0
        return 1 if len(run) % 2 and _GBK_TRAIL.match(self._buffer, len(run)) else 0

    # ── pastes ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _take_paste(self) -> Iterator[InputToken]:
        if self._paste is None:
            return
        before, end, after = self._buffer.partition(_PASTE_END)
        if end:
            self._paste += before
            self._buffer = after
            yield from self._end_paste()
            return
        held = next((n for n in range(len(_PASTE_END) - 1, 0, -1) if self._buffer.endswith(_PASTE_END[:n])), 0)
        cut = len(self._buffer) - held
        self._paste += self._buffer[:cut]
        self._drop(cut)

    def _end_paste(self) -> Iterator[InputToken]:
        pasted, self._paste = bytes(self._paste or b""), None
        readable = _HIGH.sub(lambda run: run[0] if _is_utf8(run[0]) else b"", pasted)
        yield InputToken("paste", readable.decode("utf-8").replace("\x00", ""))
        if readable != pasted:
            yield InputToken("unreadable")


def _is_utf8(run: bytes) -> bool:
    """Whether a run of bytes above ASCII is UTF-8 as a whole. Of a GBK text single characters may be by accident."""
    try:
        run.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
