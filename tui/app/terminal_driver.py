"""Textual's driver for terminals, with input of our own: nothing that a terminal sends acts as keys by accident.

Textual's driver decodes strictly (one byte that is not UTF-8 ends its input thread, and the program with it) and hands
out the characters of a sequence that it does not know as keys. Only the loop that reads is replaced
(`run_input_thread`); what it reads is taken apart by ``tui/app/terminal_input.py``, and Textual's parser is asked for
whole sequences that it knows and for single characters, which it cannot misread.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from select import select as wait_readable

from textual import constants
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste
from textual.message import Message

from tui.app.terminal_input import InputDecoder, InputToken
from tui.data.messages import AltKeyPressed, TerminalClosed, UnreadableInput

_POLL_S = 0.1
"""So often the reading loop looks whether the program ends."""
_READ_BYTES = 65_536
_OTHER_SEQUENCES = re.compile(
    r"\x1b\[(?:[IO]"  # the terminal has or loses the focus
    r"|<\d{1,6};-?\d{1,6};-?\d{1,6}[Mm]|\d{1,6};\d{1,6};\d{1,6}M"  # the mouse
    r"|\?\d{1,6};\d\$y"  # a mode that was asked for
    r"|48;\d{1,6}(?::\d+)*;\d{1,6}(?::\d+)*;\d{1,6}(?::\d+)*;\d{1,6}(?::\d+)*t)"  # the size
)
"""Sequences besides keys that Textual's parser reads to their end."""


def key_of(sequence: str) -> str | None:
    """The key of a whole sequence, by Textual's table; None for what is no key. What the table takes apart (alt+arrow
    into escape and arrow) is none: escape leaves forms."""
    keys = ANSI_SEQUENCES_KEYS.get(sequence)
    if isinstance(keys, str):
        return keys if sequence.startswith("\x1bO") else None  # the keypad's characters
    return keys[0].value if isinstance(keys, tuple) and len(keys) == 1 else None


def is_known_sequence(sequence: str) -> bool:
    """Whether a whole sequence is heeded: a key, the mouse, the focus, a mode, the size."""
    return key_of(sequence) is not None or _OTHER_SEQUENCES.fullmatch(sequence) is not None


class TerminalMessages:
    """Makes Textual's messages of what a terminal sends."""

    def __init__(self, parser: XTermParser, escape_delay_s: float = constants.ESCAPE_DELAY) -> None:
        self._parser = parser
        self._decoder = InputDecoder(escape_delay_s)

    def feed(self, data: bytes, now: float) -> Iterator[Message]:
        """The messages that are complete with ``data``; ``now`` in monotonic seconds."""
        for token in self._decoder.feed(data, now):
            yield from self._messages(token)

    def expire(self, now: float) -> Iterator[Message]:
        """The messages of what has waited too long for its rest, as a lone escape."""
        for token in self._decoder.expire(now):
            yield from self._messages(token)

    def wait_s(self, now: float) -> float:
        """How long to wait for more before `expire`."""
        wait = self._decoder.wait_s(now)
        return _POLL_S if wait is None else min(wait, _POLL_S)

    def _messages(self, token: InputToken) -> Iterator[Message]:
        if token.kind == "text":
            yield from self._parser.feed(token.text)
        elif token.kind == "sequence":
            yield from self._sequence(token.text)
        elif token.kind == "escape":
            yield Key("escape", "\x1b")
        elif token.kind == "alt":
            yield from (AltKeyPressed(key) for key in self._parser.feed(token.text) if isinstance(key, Key))
        elif token.kind == "paste":
            yield Paste(token.text)
        elif token.kind == "unreadable":
            yield UnreadableInput()

    def _sequence(self, sequence: str) -> Iterator[Message]:
        key = key_of(sequence)
        if key is not None and len(key) == 1:
            yield from self._parser.feed(key)
        elif key is not None:
            yield Key(key, None)
        elif _OTHER_SEQUENCES.fullmatch(sequence):
            yield from self._parser.feed(sequence)


class TerminalDriver(LinuxDriver):
    """The driver of terminals on Linux and macOS; see the module for what differs from Textual's."""

    def run_input_thread(self) -> None:
        """Read until the program ends or the terminal is gone, and dispatch what comes."""
        messages = TerminalMessages(XTermParser(self._debug))
        while not self.exit_event.is_set():
            ready, _, _ = wait_readable([self.fileno], [], [], messages.wait_s(time.monotonic()))
            if ready and not self._read(messages):
                self.process_message(TerminalClosed())
                return
            for message in messages.expire(time.monotonic()):
                self.process_message(message)

    def _read(self, messages: TerminalMessages) -> bool:
        """Dispatch what has come; False once the terminal is gone."""
        try:
            data = os.read(self.fileno, _READ_BYTES)
        except OSError:
            data = b""
        for message in messages.feed(data, time.monotonic()) if data else ():
            self.process_message(message)
        return bool(data)
