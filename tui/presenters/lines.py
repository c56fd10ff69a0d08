"""Any line on the screen, whatever its kind: its fields by their words, its versions, why it was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tui.i18n.dates import moment_shown
from tui.i18n.register_text import figure_of
from tui.i18n.translate import N_, _, word
from tui.widgets.cells import Cell
from tui.widgets.columns import Column
from tui.widgets.page import Block, Facts, Gap, Heading, Passage, Title, Words

if TYPE_CHECKING:
    from store.queries.lines import Rejected, Version

Names = Mapping[str, str]
"""Ids to names, for fields that hold ids."""


def value_text(kind: str, field: str, value: Any, names: Names) -> str:
    """A field's value in words: names for ids, words for stored values, lists joined."""
    if isinstance(value, list):
        return _(", ").join(value_text(kind, field, item, names) for item in value)
    if isinstance(value, dict):
        return "  ".join(f"{word('field', str(key))} {item}" for key, item in value.items())
    if isinstance(value, str):
        return names.get(value) or word(f"{kind}.{field}", value)
    return figure_of(kind, field, value) or str(value)


def body_facts(kind: str, body: Mapping[str, Any], names: Names) -> Facts:
    """A line's fields."""
    return Facts([(word("field", name), value_text(kind, name, value, names)) for name, value in body.items()])


def summary(kind: str, body: Mapping[str, Any]) -> str:
    """A line in a few words."""
    for field in ("title", "name", "text", "place", "phone"):
        if body.get(field):
            return str(body[field])
    return word(f"{kind}.act", str(body["act"])) if body.get("act") else word("kind", kind)


class VersionRow:
    """A version as a row of a list."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.id = f"{version.stamp}/{version.device}"


def version_columns(now_ms: Callable[[], int]) -> Sequence[Column[VersionRow]]:
    """All versions of a line, newest first."""
    return (
        Column(N_("Ver."), 4, lambda row: str(row.version.version), right=True),
        Column(N_("Written"), 11, lambda row: ((moment_shown(row.version.at, now_ms()), "muted"),)),
        Column(N_("Who"), 10, lambda row: row.version.author_name or _("somebody"), grow=1),
        Column(N_("Why it is not current"), 26, _why, grow=3),
    )


def _why(row: VersionRow) -> Cell:
    version = row.version
    if version.current:
        return ((_("current") + (" " + _("(deleted)") if version.deleted else ""), "good"),)
    style = "warn" if version.reason in ("superseded", "late") else "muted"
    return ((word("reason", version.reason or ""), style),)


def version_page(version: Version, current: Version | None, names: Names, now_ms: int) -> list[Block]:
    """One version, and where it differs from the current one."""
    written = _("Version {n}, written {time}").format(n=version.version, time=moment_shown(version.at, now_ms))
    page: list[Block] = [Title(f"{word('kind', version.kind)}  {summary(version.kind, version.body)}")]
    page += [Passage(written, "muted"), Gap()]
    if current is None or version.current:
        return [*page, body_facts(version.kind, version.body, names)]
    return [*page, Heading(_("Differs from the current version")), *_differences(version, current, names)]


def _differences(version: Version, current: Version, names: Names) -> list[Block]:
    fields = [*version.body, *(name for name in current.body if name not in version.body)]
    blocks: list[Block] = []
    for name in fields:
        mine, theirs = version.body.get(name), current.body.get(name)
        if mine != theirs:
            blocks += [Words(((word("field", name), "strong"),))]
            blocks += [_side("-", version.kind, name, theirs, names, "bad")]
            blocks += [_side("+", version.kind, name, mine, names, "good")]
    if version.deleted != current.deleted:
        blocks.append(
            Passage(_("This version is deleted.") if version.deleted else _("The current one is deleted."), "warn")
        )
    return blocks or [Passage(_("Nothing: it says the same."), "muted")]


def _side(sign: str, kind: str, field: str, value: Any, names: Names, style: str) -> Block:
    text = "" if value is None else value_text(kind, field, value, names)
    nothing = _("(empty)")
    return Passage(f"{sign} {text or nothing}", style, indent=2)


def rejected_columns(now_ms: Callable[[], int]) -> Sequence[Column[Rejected]]:
    """The lines that the central refused."""
    return (
        Column(N_("When"), 11, lambda row: ((moment_shown(row.at, now_ms()), "muted"),)),
        Column(N_("Kind"), 8, lambda row: word("kind", row.kind)),
        Column(N_("What it says"), 14, lambda row: summary(row.kind, row.body), grow=2),
        Column(N_("Why it was refused"), 24, lambda row: ((word("rejection", row.code or ""), "bad"),), grow=1),
    )
