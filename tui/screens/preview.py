"""The page beside a list: of what was found, of a finding, of an entry of the day. Read in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from store import queries
from tui.data import readers
from tui.i18n.register_text import register_of
from tui.i18n.translate import _
from tui.presenters.contacts import contact_page
from tui.presenters.issues import issue_page
from tui.presenters.lines import body_facts
from tui.presenters.projects import project_page
from tui.presenters.register_lines import register_line_page
from tui.presenters.rejected import remedy_text
from tui.presenters.today_entries import entry_detail, entry_title
from tui.presenters.visits import visit_page
from tui.screens.visit import screen_for
from tui.widgets.page import BlankLine, PageBlock, PageTitle, Passage

if TYPE_CHECKING:
    from store.queries.today import TodayEntry
    from tui.data.reader import Reader
    from tui.screens.visit import LineTarget


def preview_blocks(reader: Reader, hit: LineTarget, now_ms: int) -> list[PageBlock]:
    """The page of what was found; read in a thread."""
    screen, *_told, line_id = screen_for(hit)
    thresholds = reader.thresholds()
    if screen == "project" and (project := reader.run(queries.projects.project, line_id, thresholds)):
        return project_page(project, now_ms)
    if screen == "issue" and (issue := reader.run(queries.issues.issue, line_id, thresholds)):
        return issue_page(issue, now_ms)
    if screen == "visit" and (visit := reader.run(queries.visits.visit, line_id)):
        return visit_page(visit, (), now_ms)
    return _other_blocks(reader, hit, line_id, now_ms)


def _other_blocks(reader: Reader, hit: LineTarget, line_id: str, now_ms: int) -> list[PageBlock]:
    kind = readers.contacts.contact_kind(hit.kind)
    thresholds = reader.thresholds()
    if kind and (page := reader.run(readers.contacts.contact_with_issues, kind, line_id, thresholds)):
        return contact_page(page, now_ms)
    register = register_of(hit.kind)
    if register and (row := reader.run(readers.lines.register_record, register, line_id, thresholds)):
        return register_line_page(register, row)
    line, names = reader.run(readers.lines.line_with_names, line_id)
    if line is None:
        return []
    return [PageTitle(hit.title), body_facts(line.kind, line.body, names)]


class EntryTarget(NamedTuple):
    """The issue or project that an entry of the day is about."""

    kind: str
    id: str
    title: str
    root: str | None = None


def entry_blocks(reader: Reader, entry: TodayEntry | None, now_ms: int) -> list[PageBlock]:
    """The page of an entry of the day, and what enter does where it leads elsewhere; None is the rest of a group."""
    if entry is None:
        return [Passage(_("Enter lists all of them."), "muted")]
    if entry.why == "waiting":
        return [PageTitle(entry_title(entry)), Passage(_("Enter shows each, to accept or refuse it."), "muted")]
    if entry.why == "draft":
        return [PageTitle(entry_title(entry)), Passage(_("Not saved yet. Enter goes on with it."), "muted")]
    if entry.why in ("refused", "lost"):
        return _unsettled_blocks(reader, entry)
    return preview_blocks(reader, EntryTarget(entry.kind, entry.line, entry.title or ""), now_ms)


def _unsettled_blocks(reader: Reader, entry: TodayEntry) -> list[PageBlock]:
    """What a refused line or a lost version says, why it is here, and what can be done."""
    body = entry.body or {}
    names = reader.run(queries.referenced_names.referenced_names, [body])
    remedy = remedy_text(entry.detail) if entry.why == "refused" else _("Enter compares it with what won.")
    head: list[PageBlock] = [
        PageTitle(entry_title(entry)),
        Passage(entry_detail(entry), "warn"),
        Passage(remedy, "muted"),
    ]
    return [*head, BlankLine(), body_facts(entry.kind, body, names)]
