"""The terminal is not trusted: what it sends besides keys never acts as keys, and nothing ends the input."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual._xterm_parser import XTermParser
from textual.events import Key, Paste
from textual.message import Message

from tests.examples import examples
from tui.app.terminal_driver import TerminalMessages, is_known_sequence
from tui.app.terminal_input import LATE_REST_S, PASTE_TIMEOUT_S, SEQUENCE_TIMEOUT_S, STRING_TIMEOUT_S, InputDecoder
from tui.data.messages import AltKeyPressed, UnreadableInput

DELAY_S = 0.1
LONG = 10.0
Read = tuple[bytes, float]
"""What one read gives, and the seconds of silence behind it."""


def said(*reads: Read | bytes) -> list[str]:
    """What the app hears of these reads: keys by their name, ``alt:`` and ``paste:``, ``?`` for unreadable bytes."""
    messages, now = TerminalMessages(XTermParser(), DELAY_S), 0.0
    heard: list[Message] = []
    for read in reads:
        data, silence = read if isinstance(read, tuple) else (read, 0.0)
        heard += messages.feed(data, now)
        now += silence
        heard += messages.expire(now)
    heard += messages.expire(now + LONG)
    return [name_of(message) for message in heard]


def name_of(message: Message) -> str:
    """What a message says, shortly."""
    if isinstance(message, Key | AltKeyPressed):
        return message.key if isinstance(message, Key) else f"alt:{message.key.key}"
    if isinstance(message, Paste):
        return f"paste:{message.text}"
    return "?" if isinstance(message, UnreadableInput) else type(message).__name__


@pytest.mark.parametrize(
    "sequence",
    [
        b"\x1b[57440u", b"\x1b[57358u", b"\x1b[57363;1:3u", b"\x1b[97;5u", b"\x1b[27;6;115~", b"\x1b[57376u",
        b"\x1b[57398;2u", b"\x1b[1;2Z", b"\x1b[?62;1;6c", b"\x1b[>41;354;0c", b"\x1b[=0c", b"\x1b[0n", b"\x1b[?1u",
        b"\x1b]11;rgb:1e1e/1e1e/1e1e\x07", b"\x1b]4;1;rgb:00/00/00\x1b\\", b"\x1b]52;c;5Lit5paH\x1b\\",
        b"\x1bP1$r0m\x1b\\", b"\x1bP>|XTerm(372)\x1b\\", b"\x1b_Gi=1;OK\x1b\\", b"\x1b^x\x1b\\", b"\x1bXy\x1b\\",
        b"\x1b[M !!", b"\x1b[M#\xe9u", b"\x1b[[Z", b"\x1bO2Z", b"\x1bOz", b"\x1b[1;3D", b"\xc2\x9b57440u",
        b"\xc2\x9d0;u\x07", b"\xc2\x84", b"\x1b[" + b"1;" * 300 + b"u", b"\x1b]2;" + b"u" * 5000 + b"\xc2\x9c",
    ],
)  # fmt: skip
def test_an_unknown_sequence_is_swallowed_whole(sequence: bytes) -> None:
    """No character of a key or an answer that is not known acts as a key, in one read or byte by byte."""
    assert said(b"j" + sequence + b"k") == ["j", "k"]
    assert said(*(bytes([byte]) for byte in b"j" + sequence + b"k")) == ["j", "k"]


@pytest.mark.parametrize(
    ("sequence", "key"),
    [
        (b"\x1b[A", "up"), (b"\x1bOA", "up"), (b"\x1b[1;5C", "ctrl+right"), (b"\x1b[3~", "delete"),
        (b"\x1b[[A", "f1"),
        (b"\x1b[Z", "shift+tab"), (b"\x1b[25~", "f13"), (b"\x1bOP", "f1"), (b"\x1bOu", "5"),
        (b"\x1b[3$", "shift+delete"),
        (b"\x1b", "escape"), (b"\x13", "ctrl+s"), (b"\r", "enter"), (b"\x7f", "backspace"), (b"/", "slash"),
        ("雾".encode(), "雾"), ("😀".encode(), "grinning_face"),
    ],
)  # fmt: skip
def test_a_known_key_arrives_however_it_was_split(sequence: bytes, key: str) -> None:
    """Keys, and characters of several bytes, arrive whole, in one read or byte by byte."""
    assert said(sequence) == [key]
    assert said(*(bytes([byte]) for byte in sequence)) == [key]


@pytest.mark.parametrize(
    ("sequence", "message"),
    [(b"\x1b[<0;10;5M", "MouseDown"), (b"\x1b[<64;10;5M", "MouseScrollUp"), (b"\x1b[I", "AppFocus"),
     (b"\x1b[?2026;2$y", "TerminalSupportsSynchronizedOutput")],
)  # fmt: skip
def test_what_is_no_key_and_known_is_heeded(sequence: bytes, message: str) -> None:
    """The mouse, the focus and answers that Textual asks for arrive, in one read or byte by byte."""
    assert said(sequence) == said(*(bytes([byte]) for byte in sequence)) == [message]


KEYS = (b"j", b"u", b"\r", b"\x13", b"2", "新".encode(), b"\x1b[A", b"\x1b[5~", b"\x1bOQ", b"[", b"O")
NAMES = ("j", "u", "enter", "ctrl+s", "2", "新", "up", "pageup", "f2", "left_square_bracket", "O")
PRINTABLE = st.binary(max_size=12).map(lambda drawn: bytes(0x20 + byte % 0x5F for byte in drawn))
CSI = st.builds(
    lambda parameters, between, final: b"\x1b[" + parameters + between + final,
    st.binary(min_size=1, max_size=9).map(lambda drawn: bytes(0x30 + byte % 0x10 for byte in drawn)),
    st.sampled_from([b"", b" ", b"$", b"'"]),
    st.integers(0x40, 0x7E).map(lambda byte: bytes([byte])),
).filter(lambda sequence: not sequence.startswith(b"\x1b[200~"))
STRINGS = st.builds(
    lambda introducer, body, end: b"\x1b" + introducer + body + end,
    st.sampled_from([b"]", b"P", b"_", b"^", b"X"]),
    PRINTABLE,
    st.sampled_from([b"\x07", b"\x1b\\"]),
)
SS3 = st.integers(0x40, 0x7E).map(lambda byte: b"\x1bO" + bytes([byte]))
UNKNOWN = st.one_of(CSI, STRINGS, SS3).filter(lambda sequence: not is_known_sequence(sequence.decode()))
EVENTS = st.lists(st.one_of(UNKNOWN, st.sampled_from(KEYS)), max_size=8)


@settings(max_examples=examples(60))
@given(EVENTS, st.lists(st.integers(1, 12), min_size=1, max_size=6))
def test_sequences_mixed_with_keys_give_exactly_the_keys(events: Sequence[bytes], sizes: Sequence[int]) -> None:
    """Whatever sequences a terminal sends among keys, and however reads cut them, the keys arrive and nothing else."""
    data = b"".join(events)
    reads: list[bytes] = []
    while data:
        size = sizes[len(reads) % len(sizes)]
        reads.append(data[:size])
        data = data[size:]
    assert said(*reads) == [NAMES[KEYS.index(event)] for event in events if event in KEYS]


@settings(max_examples=examples(60))
@given(st.lists(st.binary(max_size=20), max_size=6))
def test_no_bytes_end_the_input(reads: Sequence[bytes]) -> None:
    """Whatever bytes a terminal sends, after a moment's silence keys are keys again."""
    pauses = [(read, 0.0) for read in reads]
    assert said(*pauses, (b"", LONG), (b"", LONG), b"\x13")[-1] == "ctrl+s"


def test_a_broken_off_sequence_is_dropped_after_a_while() -> None:
    """What a torn line leaves of a sequence acts as no key, whether its rest comes late or never."""
    assert said((b"\x1b[5744", SEQUENCE_TIMEOUT_S), b"j") == ["j"]
    assert said((b"\x1b[5744", SEQUENCE_TIMEOUT_S), (b"0u", 0), b"j") == ["j"]
    assert said((b"\x1b]11;rgb:1e", SEQUENCE_TIMEOUT_S), b"j") == ["j"]
    assert said((b"\xe4\xb8", SEQUENCE_TIMEOUT_S), b"j") == ["?", "j"]
    assert said(b"\x1b[57\x13") == ["ctrl+s"]
    assert said((b"\x1b]11;", 0.9), *[(b"u", 0.9)] * int(STRING_TIMEOUT_S), b"j")[-1] == "j"


def test_the_late_rest_of_a_sequence_is_no_key() -> None:
    """On a slow line an arrow may come torn behind its escape: it is an escape and an arrow, and no letters."""
    assert said((b"\x1b", DELAY_S), b"[A") == ["escape", "up"]
    assert said((b"\x1b", DELAY_S), b"[57440u") == ["escape"]
    assert said((b"\x1b", DELAY_S), b"j") == ["escape", "j"]
    assert said((b"\x1b", DELAY_S + LATE_REST_S + 1), b"[A") == ["escape", "left_square_bracket", "A"]


def test_escape_and_a_key_within_the_delay_are_one_alt_key() -> None:
    """Terminals send the same for both; the app decides which it was. Escape before another sequence is escape."""
    assert said(b"\x1bu") == ["alt:u"]
    assert said(b"\x1b", b"u") == ["alt:u"]
    assert said(b"\x1b\x1b[A") == ["escape", "up"]
    assert said(b"\x1b\x1b[57440u") == ["escape"]
    assert said((b"\x1bP", DELAY_S), b"j") == ["alt:P", "j"]
    assert said("\x1b新".encode()) == ["escape", "新"]


@pytest.mark.parametrize(
    ("data", "heard"),
    [
        ("中国".encode("gb18030") + b"j", ["?", "j"]),
        ("镕".encode("gbk"), ["?"]),  # its second byte is “F”
        (b"\xe4", ["?"]), (b"\xf5u", ["?"]), (b"\x9b57440uj", ["?", "j"]), (b"\xff\xfe\x00", ["?", "ctrl+@"]),
    ],
)  # fmt: skip
def test_bytes_that_are_not_utf8_are_skipped_and_told(data: bytes, heard: list[str]) -> None:
    """Bytes of another encoding are skipped, their ASCII halves with them, and what comes next is read."""
    assert said((data, SEQUENCE_TIMEOUT_S)) == heard


def test_what_follows_an_8_bit_introducer_is_no_key_wherever_reads_cut_it() -> None:
    """A terminal of eight bits sends the mute key as 9B 57440u: its u takes nothing back."""
    assert said(b"j", b"\x9b", b"57440uk") == ["j", "?", "k"]
    assert said(*(bytes([byte]) for byte in b"j\x9b57440uk")) == ["j", "?", "k"]


def test_a_paste_is_one_text_and_ends() -> None:
    """A paste arrives as one text, told where it was not UTF-8; one whose end is lost ends by itself."""
    assert said(b"\x1b[200~a\x1b[A", b"b\n\x1b[20", b"1~j") == ["paste:a\x1b[Ab\n", "j"]
    assert said(b"\x1b[200~caf\xe9\x1b[201~") == ["paste:caf", "?"]
    assert said(b"\x1b[200~1" + "银行贷款".encode("gbk") + b"2\x1b[201~") == ["paste:12", "?"]
    assert said((b"\x1b[200~x\x1b[20", PASTE_TIMEOUT_S), b"j") == ["paste:x", "j"]
    assert said(b"\x1b[201~j") == ["j"]


def test_nothing_waits_while_nothing_is_unfinished() -> None:
    """The reading loop sleeps until something comes, and wakes for a lone escape as soon as its delay is over."""
    decoder = InputDecoder(DELAY_S)
    assert decoder.wait_s(0) is None
    decoder.feed(b"\x1b", 5)
    assert decoder.wait_s(5) == pytest.approx(DELAY_S)
