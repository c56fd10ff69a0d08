"""Whom or what a typed word means: an id, a unique number or a unique name; an ambiguous one lists who it could be."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from store.database import Connection
from store.exceptions import GuanjiaError
from store.lines import is_id
from store.queries.names import Nameable, Named, alike, meant
from tui.words import _, word

SHOWN = 12
"""Candidates named in a sentence, at most; JSON has them all."""


class Unknown(GuanjiaError):
    """Nothing goes by this name."""

    code = "not_found"
    what = "There is no {kind} “{text}” here."
    data = "Nothing was changed."
    todo = "{hint}"

    def __init__(self, kind: str, text: str, near: list[str]) -> None:
        names = _(", ").join(f"“{name}”" for name in near)
        hint = _("Did you mean {names}?").format(names=names) if near else _("Look it up with “guanjia find”.")
        super().__init__(kind=kind, text=text, hint=hint)


class Ambiguous(GuanjiaError):
    """A name that several go by; ``facts`` lists them for scripts."""

    code = "ambiguous"
    what = "“{text}” can mean {count} different things: {candidates}"
    data = "Nothing was changed."
    todo = "Use the number, the whole name or the id."

    def __init__(self, text: str, found: list[Named]) -> None:
        names = [str(one) for one in found[:SHOWN]] + (["…"] if len(found) > SHOWN else [])
        self.facts: dict[str, Any] = {"candidates": [asdict(one) for one in found]}
        super().__init__(text=text, count=len(found), candidates="; ".join(names))


def find_one(connection: Connection, kind: Nameable, text: str) -> str:
    """The id of the line that ``text`` means. Raises `Unknown` or `Ambiguous`."""
    found = meant(connection, kind, text)
    if not found:
        raise Unknown(word("kind", kind), text, alike(connection, kind, text))
    if len(found) > 1:
        raise Ambiguous(text, found)
    return found[0].id


def find_maybe(connection: Connection, kind: Nameable, text: str | None) -> str | None:
    """As `find_one`, where nothing may have been typed."""
    return None if text is None else find_one(connection, kind, text)


def find_line(connection: Connection, text: str) -> str:
    """The id of any line: an id as it is, or what one issue, project, person or unit goes by."""
    text = text.strip()
    if is_id(text):
        return text
    kinds: tuple[Nameable, ...] = ("issue", "project", "person", "unit")
    found = [one for kind in kinds for one in meant(connection, kind, text)]
    if not found:
        raise Unknown(_("line"), text, [])
    if len(found) > 1:
        raise Ambiguous(text, found)
    return found[0].id
