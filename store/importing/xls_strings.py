"""Reads the shared strings of an .xls workbook that are parted into runs with fonts of their own."""

from __future__ import annotations

import struct
from typing import NamedTuple

_WIDE, _EXTENDED, _RICH = 0x01, 0x04, 0x08


class RichString(NamedTuple):
    """A text and where in it which font begins; before the first run it has the cell's font."""

    text: str
    runs: list[tuple[int, int]]

    def without(self, fonts: set[int], struck: bool) -> str:
        """The text without what is in one of these fonts; ``struck``: the cell's font is one of them."""
        starts = [(0, struck), *((start, font in fonts) for start, font in self.runs)]
        units = self.text.encode("utf-16-le", "surrogatepass")  # which runs count: rare characters have two
        ends = [start for start, _gone in starts[1:]] + [len(units) // 2]
        kept = (units[2 * start : 2 * end] for (start, gone), end in zip(starts, ends, strict=True) if not gone)
        return b"".join(kept).decode("utf-16-le", "replace")


def rich_strings(records: list[bytes]) -> dict[int, RichString]:
    """Those of a table of strings, by number: the record and its continuations. Raises ``struct.error`` or
    ``IndexError`` for a damaged one."""
    if not records:
        return {}
    reader = _Reader(records)
    _total, amount = struct.unpack("<II", reader.take(8))
    strings = {}
    for number in range(amount):
        if (string := reader.string()).runs:
            strings[number] = string
    return strings


class _Reader:
    """Reads over the edges of records: a text that goes on in the next record says there anew how wide it is."""

    def __init__(self, records: list[bytes]) -> None:
        self._records, self._record, self._place = records, 0, 0

    def take(self, size: int) -> bytes:
        """The next bytes."""
        taken = b""
        while len(taken) < size:
            record = self._records[self._record]
            part = record[self._place : self._place + size - len(taken)]
            taken += part
            self._place += len(part)
            if self._place >= len(record) and len(taken) < size:
                self._record, self._place = self._record + 1, 0
        return taken

    def string(self) -> RichString:
        """The next string."""
        length, flags = struct.unpack("<HB", self.take(3))
        run_amount = struct.unpack("<H", self.take(2))[0] if flags & _RICH else 0
        extension = struct.unpack("<I", self.take(4))[0] if flags & _EXTENDED else 0
        text = self._text(length, bool(flags & _WIDE))
        runs = [struct.unpack("<HH", self.take(4)) for _run in range(run_amount)]
        self.take(extension)
        return RichString(text, [(start, font) for start, font in runs])

    def _text(self, length: int, wide: bool) -> str:
        text = ""
        while length > 0:
            if self._place >= len(self._records[self._record]):
                self._record, self._place = self._record + 1, 1
                wide = bool(self._records[self._record][0] & _WIDE)
            width = 1 + wide
            room = (len(self._records[self._record]) - self._place) // width
            amount = min(length, max(room, 1))
            text += self.take(amount * width).decode("utf-16-le" if wide else "latin-1", "replace")
            length -= amount
        return text
