"""Decodes bytes: UTF-8 and UTF-16 with or without a byte order mark, GB18030 (which includes GBK and GB2312), Big5."""

from __future__ import annotations

import codecs

from store.importing.cell_source import MAX_CHARACTERS
from store.importing.exceptions import EmptyFile, NotText, TooLarge, Truncated
from store.values.text_files import BYTE_ORDER_MARKS

MAX_TEXT_CHARACTERS = 2 * MAX_CHARACTERS
"""Of a text that is mostly markup."""
_LONGEST_CHARACTER = 4
_SAMPLE = 20_000
_EXPECTED = frozenset("项目項領导導领管家联聯系繫络絡人电電话話名称稱序号號单單位姓日期問问题題")
"""Of the headings of tables, in both ways of writing: they tell one encoding from another."""


def decode(data: bytes, most: int = MAX_CHARACTERS) -> str:
    """The text, with ``\\n`` as line end. Raises `NotText`, `TooLarge` for more than ``most`` characters or, where only
    the last character is broken, `Truncated`."""
    return _checked(_decoded(data), most)


def decode_as(data: bytes, encoding: str) -> str:
    """The text in the encoding that a document declares; where it is not in that one, as `decode`."""
    name = encoding.lower()
    if name in ("gb2312", "gbk", "gb_2312-80", "x-gbk"):
        name = "gb18030"  # which includes them; what declares them often is more
    try:
        return _checked(codecs.decode(data, name), MAX_TEXT_CHARACTERS)
    except (LookupError, UnicodeDecodeError, TypeError):
        return decode(data, MAX_TEXT_CHARACTERS)


def _checked(decoded: str, most: int) -> str:
    text = decoded.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\x00" in text:
        raise NotText()
    if len(text) > most:
        raise TooLarge(most=most, unit="characters")
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
        return _chinese(data)


def _chinese(data: bytes) -> str:
    """GB18030, unless Big5 gives more of the expected characters: most texts of either also decode as the other."""
    traditional = _tolerant(data, "big5hkscs")
    if _expected_in(traditional) > _expected_in(data.decode("gb18030", "ignore")):
        return traditional
    return _strict(data, "gb18030")


def _tolerant(data: bytes, encoding: str) -> str:
    """The text, or an empty one where it is not in this encoding."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _expected_in(text: str) -> int:
    return sum(sign in _EXPECTED for sign in text[:_SAMPLE])


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
    encoding = max(("utf-16-le", "utf-16-be"), key=lambda name: _expected_in(whole.decode(name, "ignore")))
    if not _expected_in(whole.decode(encoding, "ignore")):
        raise NotText()
    return _strict(data, encoding)
