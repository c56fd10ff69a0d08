"""Reports: the columns of their list."""

from __future__ import annotations

from collections.abc import Sequence

from tui.i18n.translate import N_, _
from tui.reports.options import REPORTS
from tui.widgets.columns import ListColumn


class ReportRow:
    """A report as a row of a list; its id is the report's name."""

    def __init__(self, name: str) -> None:
        self.id = name


def report_columns() -> Sequence[ListColumn[ReportRow]]:
    """The columns of the list of reports."""
    return (
        ListColumn(N_("Report"), 20, lambda row: _(REPORTS[row.id].title), grow_share=1),
        ListColumn(N_("What it is"), 40, lambda row: _(REPORTS[row.id].help), grow_share=3),
    )
