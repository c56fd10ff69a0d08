"""Streams XML through expat: local names only, so that prefixes and the strict or transitional dialect do not matter.

> Nothing is expanded: a DOCTYPE, without which there are no entities, is refused.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from posixpath import dirname, join, normpath
from xml.parsers import expat

from store.importing.exceptions import DamagedFile
from store.importing.text_decoding import decode_as

_CHUNK = 1 << 16
_ENCODING = re.compile(rb"\s*<\?xml[^>]*encoding\s*=\s*[\"']([\w-]+)")
_NATIVE = frozenset({b"utf-8", b"utf-16", b"us-ascii", b"iso-8859-1"})
"""The encodings that expat knows."""
Attributes = Mapping[str, str]


class XmlEvents:
    """Receives the events of one part. Subclasses override what they need."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins. Attributes keep their prefixes."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """Text, possibly in several pieces."""


def stream_part(package: zipfile.ZipFile, part: str, events: XmlEvents) -> None:
    """Send the events of a part, which must be there. Raises an ``ExpatError`` for damaged XML, `DamagedFile` for a
    DOCTYPE."""
    parser = _parser(events)
    with package.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
    parser.Parse(b"", True)


def stream_document(data: bytes, events: XmlEvents) -> None:
    """Send the events of a document in whichever encoding it declares. Raises as `stream_part` does."""
    declared = _ENCODING.match(data)
    if declared and declared[1].lower() not in _NATIVE:
        text = decode_as(data, declared[1].decode("ascii"))
        _parser(events, "utf-8").Parse(text.encode(), True)
    else:
        _parser(events).Parse(data, True)


def _parser(events: XmlEvents, encoding: str | None = None) -> expat.XMLParserType:
    local, start, end = _LocalNames(), events.start, events.end
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda name, attributes: start(local[name], attributes)
    parser.EndElementHandler = lambda name: end(local[name])
    parser.CharacterDataHandler = events.text
    return parser


class _LocalNames(dict[str, str]):
    """The local names of elements, each computed once: a long sheet has millions of elements."""

    def __missing__(self, name: str) -> str:
        self[name] = name.rpartition(":")[2]
        return self[name]


def _refuse(*_declaration: object) -> None:
    raise DamagedFile(detail="DOCTYPE")


def local_attribute(attributes: Attributes, name: str, default: str = "") -> str:
    """An attribute by its local name."""
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), default)


def is_on(value: str) -> bool:
    """Whether the value of a switch (``<w:strike/>``, ``hidden="1"``) means on; an absent one is given as “1”."""
    return value not in ("0", "false", "off", "none")


class PackageParts:
    """Finds parts by their names as programs write them: from the root or relative, with either slash, in any case."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.package = package
        self._names = {_folded(name): name for name in package.namelist()}

    def find(self, name: str) -> str | None:
        """The part with this name as it is in the package."""
        return self._names.get(_folded(name))

    def relations(self, part: str) -> list[tuple[str, str, str]]:
        """The relations of a part (of the package: “”): id, the last word of the type, and the part it leads to."""
        folder = dirname(part)
        source = self.find(join(folder, "_rels", f"{part.rpartition('/')[2]}.rels"))
        events = _Relations(folder)
        if source:
            stream_part(self.package, source, events)
        return [(id, kind, name) for id, kind, target in events.relations if (name := self.find(target))]


class _Relations(XmlEvents):
    """Collects relations."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.relations: list[tuple[str, str, str]] = []

    def start(self, name: str, attributes: Attributes) -> None:
        """Take a relation that stays in the package."""
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            target = attributes.get("Target", "").replace("\\", "/")
            self.relations.append((attributes.get("Id", ""), kind, join("/" + self.folder, target)))


def _folded(name: str) -> str:
    return normpath("/" + name.replace("\\", "/")).lstrip("/").casefold()
