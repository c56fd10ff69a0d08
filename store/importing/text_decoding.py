"""Decodes bytes: UTF-8 with or without a byte order mark, UTF-16, GB18030 (which includes GBK and GB2312)."""

from __future__ import annotations

from store.importing.cell_source import MAX_CHARACTERS
from store.importing.exceptions import EmptyFile, NotText, TooLarge, Truncated
from store.values.text_files import BYTE_ORDER_MARKS

_EXPECTED_TEXT = "项目"
"""Every responsibility table has these characters in its heading: they distinguish UTF-16 from binary data."""
_LONGEST_CHARACTER = 4


def decode(data: bytes) -> str:
    """The text, with ``\\n`` as line end. Raises `NotText`, `TooLarge` or, where only the last character is broken,
    `Truncated`."""
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text:
        raise NotText()
    if len(text) > MAX_CHARACTERS:
        raise TooLarge(detail=f"> {MAX_CHARACTERS} characters")
    if not text.strip():
        raise EmptyFile()
    return text


def _decoded(data: bytes) -> str:
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding)
    if b"\x00" in data:
        return _unmarked_utf16(data)
    try:
        return _strict(data, "utf-8")
    except NotText:
        return _strict(data, "gb18030")


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        at_the_end = len(data) - error.start < _LONGEST_CHARACTER
        if at_the_end and error.reason in ("unexpected end of data", "truncated data", "incomplete multibyte sequence"):
            raise Truncated() from None
        raise NotText() from None


def _unmarked_utf16(data: bytes) -> str:
    whole = data[: len(data) // 2 * 2]
    for encoding in ("utf-16-le", "utf-16-be"):
        text = whole.decode(encoding, "ignore")
        if _EXPECTED_TEXT in text:
            return _strict(data, encoding)
    raise NotText()
