"""Lines of every kind on the screen: fields with their labels, versions, and why a line was rejected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from tui.i18n.dates import format_moment
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.i18n.value_text import NamesById, value_text
from tui.widgets.cells import Cell
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageHeading, PageTitle, Passage, StyledLine

if TYPE_CHECKING:
    from store.queries.lines import RejectedGroup, Version


class LineContent(Protocol):
    """What a version of a line says."""

    @property
    def kind(self) -> str:
        """The line's kind."""
        ...

    @property
    def body(self) -> Mapping[str, object]:
        """Its fields."""
        ...

    @property
    def deleted(self) -> bool:
        """Whether it deletes the line."""
        ...


def body_facts(kind: str, body: Mapping[str, object], names: NamesById) -> FactTable:
    """The fields of a line, with their labels."""
    return FactTable(
        [(value_label("field", name), value_text(kind, name, value, names)) for name, value in body.items()]
    )


def line_summary(kind: str, body: Mapping[str, object]) -> str:
    """A short text that identifies a line."""
    if kind == "assignment" and body.get("role"):
        return value_label("assignment.role", str(body["role"]))
    for field in ("title", "name", "text", "place", "phone", "month", "period"):
        if body.get(field):
            return str(body[field])
    return value_label(f"{kind}.act", str(body["act"])) if body.get("act") else value_label("kind", kind)


class VersionListRow:
    """A version as a row of a list."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.id = f"{version.stamp}/{version.device}"


def version_columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[VersionListRow]]:
    """The columns of the list of a line's versions."""
    return (
        ListColumn(N_("Ver."), 4, lambda row: str(row.version.version), align_right=True),
        ListColumn(N_("Written"), 11, lambda row: ((format_moment(row.version.at, now_ms()), "muted"),)),
        ListColumn(N_("Who"), 10, lambda row: row.version.author_name or _("somebody"), grow_share=1),
        ListColumn(N_("Why it is not current"), 26, _why, grow_share=3),
    )


def _why(row: VersionListRow) -> Cell:
    version = row.version
    if version.current:
        return ((_("current") + (" " + _("(deleted)") if version.deleted else ""), "good"),)
    style = "warn" if version.reason in ("superseded", "late") else "muted"
    return ((value_label("reason", version.reason or ""), style),)


def version_page(version: Version, current: Version | None, names: NamesById, now_ms: int) -> list[PageBlock]:
    """A version, and its differences from the current one."""
    written = _("Version {n}, written {time}").format(n=version.version, time=format_moment(version.at, now_ms))
    page: list[PageBlock] = [
        PageTitle(f"{value_label('kind', version.kind)}  {line_summary(version.kind, version.body)}")
    ]
    page += [Passage(written, "muted"), BlankLine()]
    if current is None or version.current:
        return [*page, body_facts(version.kind, version.body, names)]
    return [*page, PageHeading(_("Differs from the current version")), *_differences(version, current, names)]


def change_blocks(before: LineContent, after: LineContent, names: NamesById) -> list[PageBlock]:
    """What a change did to a line: what it said before, and what it says since."""
    return _differences(after, before, names)


def _differences(version: LineContent, current: LineContent, names: NamesById) -> list[PageBlock]:
    fields = [*version.body, *(name for name in current.body if name not in version.body)]
    blocks: list[PageBlock] = []
    for name in fields:
        mine, theirs = version.body.get(name), current.body.get(name)
        if mine != theirs:
            blocks += [StyledLine(((value_label("field", name), "strong"),))]
            blocks += [_side("-", version.kind, name, theirs, names, "bad")]
            blocks += [_side("+", version.kind, name, mine, names, "good")]
    if version.deleted != current.deleted:
        blocks.append(
            Passage(_("This version is deleted.") if version.deleted else _("The current one is deleted."), "warn")
        )
    return blocks or [Passage(_("Nothing: it says the same."), "muted")]


def _side(sign: str, kind: str, field: str, value: object, names: NamesById, style: str) -> PageBlock:
    text = value_text(kind, field, value, names) or _("(empty)")
    return Passage(f"{sign} {text}", style, indent=2)


def rejected_columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[RejectedGroup]]:
    """The columns of the list of rejected lines."""
    return (
        ListColumn(N_("When"), 11, lambda row: ((format_moment(row.lines[-1].at, now_ms()), "muted"),)),
        ListColumn(N_("Kind"), 8, lambda row: value_label("kind", row.lines[0].kind)),
        ListColumn(N_("What it says"), 14, rejected_summary, grow_share=2),
        ListColumn(N_("Why it was refused"), 24, _rejection, grow_share=1),
    )


def rejected_summary(row: RejectedGroup) -> str:
    """What a line says, or how many there are."""
    if len(row.lines) == 1:
        return line_summary(row.lines[0].kind, row.lines[0].body)
    return ngettext("{n} line", "{n} lines", len(row.lines)).format(n=len(row.lines))


def _rejection(row: RejectedGroup) -> Cell:
    code = row.lines[0].code or ""
    return ((value_label("rejection", code), "warn" if code == "proposed" else "bad"),)
