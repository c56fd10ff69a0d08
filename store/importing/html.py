"""Reads the tables of web pages, which offices and their systems save as .xls: the tags are read by a scan of its own
that takes time in proportion to the page, whatever is in it."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.message import Message
from html import unescape
from typing import NamedTuple

from store.importing.cell_source import MAX_COLUMNS, MAX_ROWS, CellSource
from store.importing.table_assembler import TableAssembler
from store.importing.text_decoding import MAX_TEXT_CHARACTERS, decode, decode_as

_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]{0,40})((?:[^<>\"']|\"[^\"]{0,4000}\"|'[^']{0,4000}')*)>")
_ATTRIBUTE = re.compile(r"([\w:-]{1,40})\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_HEAD = 4096
_STYLES = 200_000
"""Within so many characters a page's styles are looked for."""
_UNREAD = frozenset({"script", "style", "title", "xml"})
_BREAKS = frozenset({"br", "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6"})
_STRUCK = frozenset({"s", "strike", "del"})
_LINE_THROUGH = re.compile(r"text-decoration[^;}]{0,40}:[^;}]{0,40}line-through")
_STYLE_RULE = re.compile(r"\.([\w-]{1,40})\s{0,9}\{([^}]{0,2000})\}")
_UNSHOWN = re.compile(r"display\s*:\s*none")
_EXPONENT = re.compile(r"\s*[-+]?\d(?:\.\d+)?E\+\d+\s*", re.IGNORECASE)


class _Tag(NamedTuple):
    """A tag in lower case. ``end``: it closes an element."""

    name: str
    end: bool
    attributes: dict[str, str]


def read(data: bytes) -> CellSource:
    """The rows, each table a block; a cell that spans rows is repeated in each. Raises a `TableImportError`."""
    text = _page_text(data)
    page = _PageReader({name for name, rule in _STYLE_RULE.findall(text[:_STYLES]) if _LINE_THROUGH.search(rule)})
    for token in _tokens(text):
        page.feed(token)
    return page.source()


def _page_text(data: bytes) -> str:
    if data[:_HEAD].lstrip().startswith(b"MIME-Version:"):
        return "\n".join(_archived_pages(email.message_from_bytes(data)))
    if data[:2] not in (b"\xff\xfe", b"\xfe\xff") and (charset := _CHARSET.search(data[:_HEAD])):
        return decode_as(data, charset[1].decode("ascii"))
    return decode(data, MAX_TEXT_CHARACTERS)


def _archived_pages(archive: Message) -> Iterator[str]:
    """The pages in a web archive."""
    for part in archive.walk():
        content = part.get_payload(decode=True)
        if part.get_content_type() == "text/html" and isinstance(content, bytes):
            yield decode_as(content, part.get_content_charset("utf-8"))


def _tokens(text: str) -> Iterator[_Tag | str]:
    """Tags and the text between them, without comments."""
    place = 0
    while place < len(text):
        start = text.find("<", place)
        if start != place:
            yield text[place : start if start >= 0 else len(text)]
        if start < 0:
            return
        if text.startswith("<!--", start):
            end = text.find("-->", start)
            place = end + 3 if end >= 0 else len(text)
        elif tag := _TAG.match(text, start):
            found = {
                name.lower(): double or single or bare for name, double, single, bare in _ATTRIBUTE.findall(tag[3])
            }
            yield _Tag(tag[2].lower(), bool(tag[1]), found)
            place = tag.end()
        elif text.startswith(("<!", "<?", "</"), start):
            end = text.find(">", start)
            place = end + 1 if end >= 0 else len(text)
        else:
            yield "&lt;"
            place = start + 1


class _PageReader:
    """Reads the tokens of a page. ``struck_classes``: those that its styles strike through."""

    def __init__(self, struck_classes: set[str]) -> None:
        self._struck_classes = struck_classes
        self._tables = TableAssembler()
        self._text: list[str] = []
        self._cell = _Tag("td", False, {})
        self._row_hidden = False
        self._unread = ""
        self._struck: list[str] = []

    def feed(self, token: _Tag | str) -> None:
        """Take the next token."""
        if isinstance(token, str):
            self._take_text(token)
        elif self._unread:
            self._unread = "" if token.end and token.name == self._unread else self._unread
        elif token.name in _UNREAD and not token.end:
            self._unread = token.name
        else:
            self._take_tag(token)

    def source(self) -> CellSource:
        """All that was read."""
        self._end_line()
        return self._tables.source()

    def _take_text(self, text: str) -> None:
        if self._unread:
            return
        if self._struck and text.strip():
            self._tables.note_struck()
        else:
            self._text.append(re.sub(r"\s+", " ", unescape(text)))

    def _take_tag(self, tag: _Tag) -> None:
        if tag.name in _BREAKS:
            self._end_line()
        elif tag.name == "table":
            self._end_line()
            (self._end_table if tag.end else self._tables.start_table)()
        elif tag.name == "tr":
            self._end_cell()
            if tag.end:
                self._tables.end_row(self._row_hidden)
            self._row_hidden = not tag.end and _UNSHOWN.search(tag.attributes.get("style", "")) is not None
        elif tag.name in ("td", "th"):
            self._end_cell()
            if not tag.end:
                self._start_cell(tag)
        self._strike(tag)

    def _strike(self, tag: _Tag) -> None:
        """Keep which elements are open within one that is struck through, as far as they have its name."""
        again = bool(self._struck) and self._struck[-1] == tag.name
        if tag.end:
            self._struck = self._struck[:-1] if again else self._struck
        elif again or tag.name in _STRUCK or self._is_styled_struck(tag):
            self._struck.append(tag.name)

    def _is_styled_struck(self, tag: _Tag) -> bool:
        styled = _LINE_THROUGH.search(tag.attributes.get("style", ""))
        return tag.name != "br" and (bool(styled) or tag.attributes.get("class") in self._struck_classes)

    def _start_cell(self, tag: _Tag) -> None:
        self._cell, self._text, self._struck = tag, [], []
        self._tables.start_cell()

    def _end_cell(self) -> None:
        if not self._tables.in_cell:
            self._end_line()
            return
        exact = self._cell.attributes.get("x:num", "")
        if exact and _EXPONENT.fullmatch("".join(self._text)):
            self._text = [exact]
        self._end_line()
        self._tables.end_cell(_span(self._cell, "colspan", MAX_COLUMNS), _span(self._cell, "rowspan", MAX_ROWS))

    def _end_table(self) -> None:
        self._end_cell()
        self._tables.end_table()

    def _end_line(self) -> None:
        if line := "".join(self._text).strip():
            self._tables.paragraph(line)
        self._text = []


def _span(cell: _Tag, name: str, most: int) -> int:
    amount = re.fullmatch(r"\s*(\d{1,6})\s*", cell.attributes.get(name, ""))
    return min(max(int(amount[1]), 1), most) if amount else 1
