"""Issues: the list's columns, and the pages of an issue with its steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from store.queries.co_handling import owed_names
from store.values.workdays import is_assumed
from tui.i18n.author_text import author_text
from tui.i18n.co_handling_text import co_handling_text
from tui.i18n.dates import format_day, format_moment
from tui.i18n.provisional_text import provisional_text
from tui.i18n.translate import N_, _, value_label
from tui.presenters.attachments import file_section
from tui.presenters.common import light_cell, light_with_label, owed_mark, provisional_mark, widest_label
from tui.presenters.conversation import conversation
from tui.presenters.deadlines import deadline_blocks
from tui.widgets.cells import Cell, Span, Spans
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageHeading, PageTitle, Passage, StyledLine

if TYPE_CHECKING:
    from store.queries.issues import IssueDetail, IssueRow
    from tui.data.attached_files import FilesByLine
    from tui.data.readers.issue import IssueView

_STATE_STYLE = {"open": "warn", "escalated": "bad", "settled": "good", "pending_approval": "good", "closed": "muted",
                "cancelled": "muted"}  # fmt: skip


def issue_columns(now_ms: Callable[[], int], *, of_project: bool = False) -> Sequence[ListColumn[IssueRow]]:
    """The columns of a list of issues; without the project where all belong to one."""
    project: ListColumn[IssueRow] = ListColumn(
        N_("Project"), 16, lambda row: row.project or "", grow_share=3, min_list_width=104, sort="project"
    )
    return (
        ListColumn("", 2, lambda row: light_cell(row.light), file_title=N_("Light")),
        ListColumn(N_("Issue no."), 11, lambda row: ((row.number, "muted"),), sort="number"),
        ListColumn(
            N_("Issue"),
            16,
            lambda row: (*provisional_mark(row.provisional), *owed_mark(row), (row.title, "")),
            grow_share=5,
            sort="title",
        ),
        *(() if of_project else (project,)),
        ListColumn(N_("State"), widest_label("state"), _state, sort="state"),
        ListColumn(
            N_("Department"), 10, lambda row: row.department or "", grow_share=1, min_list_width=64, sort="department"
        ),
        ListColumn(N_("Owner"), 7, lambda row: row.owner or "", min_list_width=72, sort="owner"),
        ListColumn(N_("Due"), 6, lambda row: _due(row, now_ms()), sort="due"),
    )


def _state(row: IssueRow) -> Cell:
    return ((value_label("state", row.state), _STATE_STYLE.get(row.state, "")),)


def _due(row: IssueRow, now_ms: int) -> Cell:
    return ((format_day(row.due, now_ms), "bad" if row.light == "red" else ""),)


def issue_page(detail: IssueDetail, now_ms: int) -> list[PageBlock]:
    """An issue on one page, for previews: head, facts, steps."""
    page = [*issue_head(detail), BlankLine(), *issue_facts(detail, now_ms), PageHeading(_("Steps"))]
    return page + conversation(detail.steps, now_ms)


def issue_conversation_page(view: IssueView, files: FilesByLine, now_ms: int) -> list[PageBlock]:
    """An issue's title and steps, each with its files."""
    return [*issue_head(view.detail), *_conversation(view, files, now_ms)]


def issue_side_page(view: IssueView, files: FilesByLine, now_ms: int) -> list[PageBlock]:
    """The page beside the steps: deadlines and facts."""
    clocks = deadline_blocks(view.clocks, view.next, view.detail.row.state, now_ms)
    return [*clocks, PageHeading(_("Facts")), *issue_facts(view.detail, now_ms), *_own_files(view, files, now_ms)]


def issue_whole_page(view: IssueView, files: FilesByLine, now_ms: int) -> list[PageBlock]:
    """Head, deadlines, facts and steps on one page, for narrow screens."""
    clocks = deadline_blocks(view.clocks, view.next, view.detail.row.state, now_ms)
    facts = [BlankLine(), *issue_facts(view.detail, now_ms), *_own_files(view, files, now_ms), PageHeading(_("Steps"))]
    return [*issue_head(view.detail), *clocks, *facts, *_conversation(view, files, now_ms)]


def _own_files(view: IssueView, files: FilesByLine, now_ms: int) -> list[PageBlock]:
    """The files of the issue itself; those of steps stand below them."""
    return file_section(files.get(view.detail.row.id, ()), now_ms)


def _conversation(view: IssueView, files: FilesByLine, now_ms: int) -> list[PageBlock]:
    return conversation(view.detail.steps, now_ms, view.reader_id, view.meetings, files)


def issue_head(detail: IssueDetail) -> list[PageBlock]:
    """Number, title, light, state and level."""
    return [PageTitle(f"{detail.row.number}  {detail.row.title}"), StyledLine(_status_spans(detail.row))]


def issue_facts(detail: IssueDetail, now_ms: int) -> list[PageBlock]:
    """The issue's facts, and its text."""
    row = detail.row
    facts = FactTable(
        (
            (_("Project"), row.project),
            (_("Kind"), "  ".join(_kinds(row))),
            (_("Why"), value_label("because", row.because) if row.because else None),
            (_("Must act now"), _responsible_party_text(detail)),
            (_("Proposed"), _proposal(row.proposed)),
            (_("Department"), row.department),
            *((_("With"), co_handling_text(each)) for each in row.co_handlers),
            (_("Owner"), row.owner),
            (_("Urgency"), value_label("issue.urgency", detail.urgency) if detail.urgency else None),
            (_("Due"), _due_text(row, now_ms)),
            (_("Waiting until"), format_day(row.waiting_until, now_ms)),
            (_("Raised"), _raised(detail, now_ms)),
            (_("Close-out no."), row.close_number),
            (_("Provisional"), provisional_text(row.provisional)),
        )
    )
    return [facts, BlankLine(), Passage(detail.text)] if detail.text else [facts]


def _due_text(row: IssueRow, now_ms: int) -> str:
    """The due date, with a note where a time rule gave it, and where the year's holidays were not announced when it was
    computed."""
    notes = [_("by a time rule")] if row.due and row.due_rule else []
    notes += [_("holidays not announced: Monday to Friday assumed")] if is_assumed(row.due) else []
    return "  ".join([format_day(row.due, now_ms), *notes])


def _responsible_party_text(detail: IssueDetail) -> str | None:
    if detail.row.must_act is None:
        return None
    return f"{value_label('duty', detail.row.must_act)}  {detail.acting or ''}".rstrip()


def _proposal(level: int | None) -> str | None:
    return _("escalate to level {level}: overdue").format(level=level) if level else None


def _status_spans(row: IssueRow) -> Spans:
    light: Spans = (*light_with_label(row.light), ("   ", "")) if row.light else ()
    state: Span = (value_label("state", row.state), "strong")
    level: Spans = (
        (("   " + _("level {n}").format(n=value_label("level", str(row.level))), "warn"),) if row.level > 1 else ()
    )
    owed = "、".join(owed_names(row.co_handlers))
    missing: Spans = (("   " + _("still owed: {departments}").format(departments=owed), "warn"),) if owed else ()
    return (*light, state, *level, *missing)


def _kinds(row: IssueRow) -> list[str]:
    kinds = [value_label("issue.kind", row.kind)]
    return [*kinds, value_label("issue.category", row.category)] if row.category else kinds


def _raised(detail: IssueDetail, now_ms: int) -> str:
    source = value_label("issue.source", detail.source) if detail.source else ""
    return "  ".join(
        part for part in (format_moment(detail.raised_at, now_ms), source, author_text(detail.author)) if part
    )
