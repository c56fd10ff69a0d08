"""Reads from a document's styles what they say of numbers, struck-through and hidden text."""

from __future__ import annotations

from dataclasses import dataclass

from store.importing.xml_events import Attributes, XmlEvents, is_on, local_attribute

_LONGEST_CHAIN = 20
STRIKES = frozenset({"strike", "dstrike"})
HIDES = frozenset({"vanish", "webHidden"})


@dataclass(slots=True)
class WordStyle:
    """A style. None: it does not say, so the style that it stands on does."""

    based_on: str = ""
    number: str | None = None
    level: int | None = None
    struck: bool | None = None
    hidden: bool | None = None


class WordStyles(XmlEvents):
    """Reads ``styles.xml``."""

    def __init__(self) -> None:
        self._styles: dict[str, WordStyle] = {}
        self._resolved: dict[str, WordStyle] = {}
        self._open: WordStyle | None = None

    def start(self, name: str, attributes: Attributes) -> None:
        """Take the beginning of an element."""
        value = local_attribute(attributes, "val", "1")
        if name == "style":
            self._open = self._styles[local_attribute(attributes, "styleId")] = WordStyle()
        elif self._open is None:
            return
        elif name == "basedOn":
            self._open.based_on = value
        elif name == "numId":
            self._open.number = value
        elif name == "ilvl":
            self._open.level = int(value)
        elif name in STRIKES:
            self._open.struck = is_on(value)
        elif name in HIDES:
            self._open.hidden = is_on(value)

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == "style":
            self._open = None

    def resolve(self, id: str) -> WordStyle:
        """What a style says together with those that it stands on."""
        if id not in self._resolved:
            self._resolved[id] = self._follow(id)
        return self._resolved[id]

    def _follow(self, id: str) -> WordStyle:
        resolved = WordStyle()
        for _step in range(_LONGEST_CHAIN):
            style = self._styles.get(id)
            if style is None:
                break
            for name in ("number", "level", "struck", "hidden"):
                if getattr(resolved, name) is None:
                    setattr(resolved, name, getattr(style, name))
            id = style.based_on
        return resolved
