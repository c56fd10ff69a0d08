"""Reads from an .xls or .et workbook (BIFF) what calamine does not tell: hidden rows and columns, struck-through cells,
errors in place of values.

The file is a *compound file*: a small file system of sectors, in which the stream “Workbook” holds records of a
number, a length and content. Both are walked without any trust in their numbers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from store.importing.sheet_rows import SheetMarks
from store.importing.xls_strings import RichString, rich_strings

_HEADER = 512
_ENTRY = 128
_END = 0xFFFFFFF0
"""From here on a sector's number means an end or no sector."""
_STREAMS = ("Workbook", "Book")
_BOF, _EOF, _SHEET, _FONT, _FORMAT = 0x809, 0x0A, 0x85, 0x31, 0xE0
_ROW, _COLUMNS, _FORMULA, _ERROR, _NUMBERS = 0x208, 0x7D, 0x06, 0x205, 0xBD
_STRINGS, _STRING = 0xFC, 0xFD
_CELLS = frozenset({_STRING, 0x204, 0x203, 0x27E, _FORMULA, _ERROR})
"""Records of one cell, which begin with its row, column and format."""
_OBJECT, _TEXT, _CONTINUED = 0x5D, 0x1B6, 0x3C
_NOTE = 0x19
_HIDDEN_ROW, _HIDDEN_COLUMN, _STRUCK = 0x20, 0x01, 0x08
_MISSING_FONT = 4
"""No font has this number: those after it are one less in the list."""
Record = tuple[int, bytes]


def sheet_marks(data: bytes) -> list[SheetMarks]:
    """The marks of the sheets in the workbook's order. Raises ``struct.error`` or ``IndexError`` for a damaged one."""
    stream = _workbook_stream(data)
    book = _BookRecords()
    for number, content in _records(stream, 0):
        book.take(number, content)
    strings = rich_strings(book.strings)
    return [_marks_of(stream, place, book, strings) for place in book.sheets]


def _workbook_stream(data: bytes) -> bytes:
    shift, mini_shift = struct.unpack_from("<HH", data, 30)
    fat_amount, directory, _signature, cutoff, mini_fat = struct.unpack_from("<IIIII", data, 44)[:5]
    sectors = _Sectors(data, shift, fat_amount)
    entries = sectors.chain(directory)
    root = streams = None
    for place in range(0, len(entries) - _ENTRY + 1, _ENTRY):
        entry = entries[place : place + _ENTRY]
        (length,) = struct.unpack_from("<H", entry, 64)
        name = entry[: max(length - 2, 0)].decode("utf-16-le", "ignore")
        first, size = struct.unpack_from("<II", entry, 116)
        root = root or ((first, size) if entry[66] == 5 else None)
        streams = streams or ((first, size) if name in _STREAMS and entry[66] == 2 else None)
    if streams is None:
        return b""
    if streams[1] >= cutoff or root is None:
        return sectors.chain(streams[0])[: streams[1]]
    mini = _MiniSectors(sectors.chain(root[0]), sectors.chain(mini_fat), mini_shift)
    return mini.chain(streams[0])[: streams[1]]


class _Sectors:
    """The sectors of the file and the table that chains them."""

    def __init__(self, data: bytes, shift: int, fat_amount: int) -> None:
        self._data, self._size = data, 1 << min(shift, 12)
        places = list(struct.unpack_from("<109I", data, 76))
        self._next = self._numbers(self._extended(places)[: min(fat_amount, len(data))])

    def _extended(self, places: list[int]) -> list[int]:
        """The sectors of the table, also those that the header has no room for."""
        (following,) = struct.unpack_from("<I", self._data, 68)
        for _step in range(len(self._data) // self._size):
            if following >= _END:
                break
            *more, following = struct.unpack(f"<{self._size // 4}I", self._sector(following))
            places += more
        return [place for place in places if place < _END]

    def _numbers(self, places: list[int]) -> list[int]:
        table = b"".join(self._sector(place) for place in places)
        return list(struct.unpack(f"<{len(table) // 4}I", table))

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._size if self._size > _HEADER else _HEADER + number * self._size
        return self._data[start : start + self._size].ljust(self._size, b"\0")

    def chain(self, first: int) -> bytes:
        """The content of a chain of sectors."""
        return b"".join(self._sector(number) for number in _chained(first, self._next))


class _MiniSectors:
    """The small sectors that small streams are kept in."""

    def __init__(self, content: bytes, table: bytes, shift: int) -> None:
        self._content, self._size = content, 1 << min(shift, 9)
        self._next = list(struct.unpack(f"<{len(table) // 4}I", table))

    def chain(self, first: int) -> bytes:
        """The content of a chain of small sectors."""
        size = self._size
        return b"".join(self._content[number * size : number * size + size] for number in _chained(first, self._next))


def _chained(first: int, following: list[int]) -> Iterator[int]:
    for _step in range(len(following)):
        if first >= len(following):
            return
        yield first
        first = following[first]


def _records(stream: bytes, place: int) -> Iterator[Record]:
    """The records of one part of the stream, without those of parts inside it."""
    depth = 0
    while place + 4 <= len(stream):
        number, length = struct.unpack_from("<HH", stream, place)
        place += 4
        depth += (number == _BOF) - (number == _EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield number, stream[place : place + length]
        place += length


@dataclass(slots=True)
class _BookRecords:
    """What the workbook's own records say: where sheets begin, fonts, formats."""

    sheets: list[int] = field(default_factory=list)
    fonts: list[bool] = field(default_factory=list)
    formats: list[int] = field(default_factory=list)
    strings: list[bytes] = field(default_factory=list)
    last: int = 0

    def take(self, number: int, content: bytes) -> None:
        """Take a record."""
        if number == _SHEET:
            self.sheets.append(struct.unpack_from("<I", content)[0])
        elif number == _FONT:
            self.fonts.append(bool(struct.unpack_from("<H", content, 2)[0] & _STRUCK))
        elif number == _FORMAT:
            self.formats.append(struct.unpack_from("<H", content)[0])
        elif number == _STRINGS or (number == _CONTINUED and self.last == _STRINGS):
            self.strings.append(content)
            number = _STRINGS
        self.last = number

    def struck_fonts(self) -> set[int]:
        """The fonts that are struck through."""
        return {place + (place >= _MISSING_FONT) for place, font in enumerate(self.fonts) if font}

    def struck_formats(self) -> set[int]:
        """The formats whose font is struck through."""
        struck = self.struck_fonts()
        return {place for place, font in enumerate(self.formats) if font in struck}


def _box_texts(records: list[Record]) -> Iterator[str]:
    """The texts of boxes: an object that is no note, the record of its text, and the text as its continuation."""
    object_type = _NOTE
    for (number, content), (following, text) in pairwise(records):
        if number == _OBJECT:
            (object_type,) = struct.unpack_from("<H", content, 4)
        elif number == _TEXT and object_type != _NOTE and following == _CONTINUED and text:
            yield text[1:].decode("utf-16-le" if text[0] & 1 else "latin-1", "ignore")


def _marks_of(stream: bytes, place: int, book: _BookRecords, strings: dict[int, RichString]) -> SheetMarks:
    records = list(_records(stream, place))
    sheet = _SheetRecords(book.struck_fonts(), book.struck_formats(), strings)
    sheet.marks.boxes += _box_texts(records)
    for number, content in records:
        if number == _ROW:
            sheet.take_row(content)
        elif number == _COLUMNS:
            sheet.take_columns(content)
        elif number in _CELLS:
            sheet.take_cell(number, content)
        elif number == _NUMBERS:
            sheet.take_numbers(content)
    return sheet.marks


class _SheetRecords:
    """Takes the records of one sheet."""

    def __init__(self, struck_fonts: set[int], struck_formats: set[int], strings: dict[int, RichString]) -> None:
        self.marks = SheetMarks()
        self._fonts, self._formats, self._strings = struck_fonts, struck_formats, strings

    def take_row(self, content: bytes) -> None:
        """Take the properties of a row."""
        (row,) = struct.unpack_from("<H", content)
        if struct.unpack_from("<H", content, 12)[0] & _HIDDEN_ROW:
            self.marks.hidden_rows.add(row + 1)

    def take_columns(self, content: bytes) -> None:
        """Take the properties of some columns."""
        first, last, _width, _format, flags = struct.unpack_from("<HHHHH", content)
        if flags & _HIDDEN_COLUMN:
            self.marks.hidden_columns.update(range(first, min(last, 255) + 1))

    def take_cell(self, number: int, content: bytes) -> None:
        """Take a cell."""
        row, column, format = struct.unpack_from("<HHH", content)
        rich = self._strings.get(struct.unpack_from("<I", content, 6)[0]) if number == _STRING else None
        if _is_error(number, content):
            self.marks.uncomputed.setdefault(row + 1, []).append(column)
        elif rich:
            shown = rich.without(self._fonts, format in self._formats)
            if shown != rich.text:
                self.marks.partly_struck[row + 1, column] = shown
        elif format in self._formats:
            self.marks.struck.add((row + 1, column))

    def take_numbers(self, content: bytes) -> None:
        """Take a row of numbers."""
        row, first = struct.unpack_from("<HH", content)
        formats = [struct.unpack_from("<H", content, at)[0] for at in range(4, len(content) - 7, 6)]
        struck = ((row + 1, first + place) for place, format in enumerate(formats) if format in self._formats)
        self.marks.struck.update(struck)


def _is_error(number: int, content: bytes) -> bool:
    """Whether the value of a cell is an error such as #REF!."""
    if number == _ERROR:
        return content[7:8] == b"\1"
    return number == _FORMULA and content[6:7] == b"\2" and content[12:14] == b"\xff\xff"
