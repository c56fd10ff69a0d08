"""The pages of the guides, by topic: what ``guanjia help TOPIC`` and the help of the screens show.

They are the sections of the documents themselves, each behind a mark ``<!-- topic: NAME -->``: in Chinese of
``README.zh.md`` (officers) and ``sync/ADMIN.zh.md`` (administrators), in English of ``guide.en.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from tui.i18n.translate import current_language

_HERE = Path(__file__).parent
_SOURCE = _HERE.parents[1]
_MARK = re.compile(r"^<!-- topic: ([a-z-]+) -->\n## (.+)\n", re.MULTILINE)
_LINK = re.compile(r"\[([^]]+)\]\([^)]+\)")
_ITEM = re.compile(r"(?:\d+\.|-) ")


class GuidePart(NamedTuple):
    """A part of a page: running text, one line of a list or table, or one command, without Markdown's marks; and
    whether a blank line stands above it."""

    kind: Literal["text", "item", "command"]
    text: str
    is_apart: bool = True


class GuidePage(NamedTuple):
    """A section of a guide: its ``topic`` (the same in both languages), its title and its Markdown."""

    topic: str
    title: str
    markdown: str

    def parts(self) -> Iterator[GuidePart]:
        """The page as people read it in a terminal: without pictures, links' addresses and marks. Paragraphs have a
        blank line between them; the lines of a list, and commands, stand close together."""
        before = "text"
        for part in self._read():
            yield part._replace(is_apart=part.kind == "text" or part.kind != before)
            before = part.kind

    def _read(self) -> Iterator[GuidePart]:
        is_code, text = False, ""
        for line in [*self.markdown.splitlines(), ""]:
            if line.startswith("```"):
                is_code = not is_code
            elif is_code:
                yield GuidePart("command", line)
            elif line.startswith("|"):
                if "`" in line:
                    yield GuidePart("item", _plain("  ".join(cell.strip() for cell in line.strip("|").split("|"))))
            elif _ITEM.match(line) or not line.strip():
                if text:
                    yield _part(text)
                text = line
            elif not line.strip().startswith(("![", "<!--")):
                text = _joined(text, line.strip())


def guide_pages() -> list[GuidePage]:
    """All pages in the language that is spoken, in their order in the documents."""
    return _pages("zh" if current_language() == "zh" else "en")


def find_pages(name: str) -> list[GuidePage]:
    """The pages of a topic: the one with this name or title, else those whose title has it."""
    pages = guide_pages()
    exact = [page for page in pages if name in (page.topic, page.title)]
    return exact or [page for page in pages if name.casefold() in page.title.casefold()]


@cache
def _pages(language: str) -> list[GuidePage]:
    return [page for path in _documents(language) for page in pages_of(path.read_text("utf-8"))]


def _documents(language: str) -> list[Path]:
    """A wheel has the officers' guide within the package, the source at its top."""
    if language != "zh":
        return [_HERE / "guide.en.md"]
    packed = _HERE / "README.zh.md"
    return [packed if packed.exists() else _SOURCE / "README.zh.md", _SOURCE / "sync" / "ADMIN.zh.md"]


def pages_of(document: str) -> list[GuidePage]:
    """The sections of a document that are marked as topics."""
    marks = list(_MARK.finditer(document))
    ends = [mark.start() for mark in marks[1:]] + [len(document)]
    return [GuidePage(mark[1], mark[2], document[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)]


def _part(text: str) -> GuidePart:
    return GuidePart("item" if _ITEM.match(text) else "text", _plain(text))


def _joined(text: str, line: str) -> str:
    """Two lines of a paragraph as one; between Chinese characters there is no blank."""
    is_wide = text[-1:] > "\u2e7f" or line[:1] > "\u2e7f"
    return text + ("" if is_wide else " ") + line if text else line


def _plain(text: str) -> str:
    return _LINK.sub(r"\1", text).replace("`", "").replace("**", "").strip()
