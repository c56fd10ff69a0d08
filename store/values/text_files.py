"""Decodes small text files that people write or move with any editor: settings, keymap, codes, keys.

Notepad on Windows saves UTF-8 with a byte order mark, UTF-16 or, in China, GB18030 (“ANSI”). Decoding never fails, so
that no file keeps anybody from the ledger, and an edited file is written as it was read. Tables to import have stricter
rules (``store/importing/text_decoding.py``). On the path of ``guanjia find``: imports stay light.
"""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import NamedTuple

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class FileText(NamedTuple):
    """A file's text, with its line ends as they are, and how it was encoded."""

    text: str
    encoding: str = "utf-8"
    mark: bytes = b""

    def encode(self, text: str) -> bytes:
        """``text`` in the encoding of this file, with its byte order mark."""
        return self.mark + text.encode(self.encoding, "surrogateescape")


def decode_text(data: bytes) -> FileText:
    """The text of a file in UTF-8, UTF-16 or GB18030, without its byte order mark. Bytes that are none of these become
    lone surrogates, which `FileText.encode` turns back into the same bytes."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return FileText(data[len(mark) :].decode(encoding, _tolerant(encoding)), encoding, mark)
    if b"\x00" in data:
        return _unmarked_utf16(data)
    for encoding in ("utf-8", "gb18030"):
        try:
            return FileText(data.decode(encoding), encoding)
        except UnicodeDecodeError:
            continue
    return FileText(data.decode("utf-8", "surrogateescape"))


def decode_secret(data: bytes) -> str:
    """A key, code or token from a file, as `decode_text`: without byte order mark, line ends and spaces around it."""
    return decode_text(data).text.strip("\ufeff \t\r\n\u3000\xa0")


def _tolerant(encoding: str) -> str:
    return "surrogateescape" if encoding == "utf-8" else "replace"


def _unmarked_utf16(data: bytes) -> FileText:
    """ASCII in UTF-16 has its zeros at odd places (little endian) or at even ones."""
    little = data[1::2].count(0) >= data[::2].count(0)
    encoding = "utf-16-le" if little else "utf-16-be"
    return FileText(data.decode(encoding, "replace"), encoding)


def replace_between(file: Path, begin: str, end: str, text: str) -> None:
    """Write ``text`` into a file of UTF-8, on lines of its own between these two marks, in place of what is there."""
    before, _begin, rest = file.read_text(encoding="utf-8").partition(begin)
    _old, _end, after = rest.partition(end)
    file.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
