"""A project's procedures as a board of stages, and its monthly progress as bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from store.domain.procedure_catalogue import STAGES
from store.values.amounts import format_wan
from tui.i18n.dates import format_day
from tui.i18n.translate import N_, _, value_label
from tui.presenters.register_lines import flags
from tui.widgets.board import BoardCard, BoardLane
from tui.widgets.cells import Cell, Span, Spans
from tui.widgets.columns import ListColumn

if TYPE_CHECKING:
    from tui.i18n.register_text import RegisterLineRow, RegisterValues

OTHER_LANE = "other"
"""The lane of procedures that are not in the catalogue."""
_STATUS_STYLE = {
    "granted": "good", "not_applicable": "muted", "conditional": "warn", "submitted": "accent", "supplementing": "warn",
}  # fmt: skip
PLAN_CELLS = 24
"""The width in cells of a bar for the whole year's plan."""


def stage_lanes(rows: Sequence[RegisterLineRow], now_ms: int) -> list[BoardLane]:
    """The procedures in a lane for each stage; one lane more for those in no stage."""
    stages = [*STAGES, *([OTHER_LANE] if any(row.values["stage"] is None for row in rows) else [])]
    return [
        BoardLane(
            _("Other procedures") if stage == OTHER_LANE else value_label("procedure_stage", stage),
            tuple(_card(row, now_ms) for row in rows if (row.values["stage"] or OTHER_LANE) == stage),
        )
        for stage in (stages if rows else ())
    ]


def _card(row: RegisterLineRow, now_ms: int) -> BoardCard:
    values = row.values
    status: Span = (value_label("procedure.status", values["status"]), _STATUS_STYLE.get(values["status"], ""))
    more = [values["department"] or "", *_deadline_texts(values, now_ms)]
    rest: Spans = tuple(("  " + text, "muted") for text in more if text)
    marks: Spans = tuple(span for flag in flags(values) for span in (("  ", ""), flag))
    return BoardCard(row.id, (((values["name"], "strong"),), (status, *marks, *rest)))


def _deadline_texts(values: RegisterValues, now_ms: int) -> list[str]:
    """The usual working days, and the day promised, expected or granted."""
    texts = [_("{n} wd").format(n=values["days"])] if values["days"] else []
    if values["status"] == "conditional" and values["promise_due"]:
        texts.append(_("promised {day}").format(day=format_day(values["promise_due"], now_ms)))
    elif values["status"] in ("submitted", "supplementing") and values["expected"]:
        texts.append(_("by {day}").format(day=format_day(values["expected"], now_ms)))
    elif values["status"] == "granted" and values["day"]:
        texts.append(format_day(values["day"], now_ms))
    return texts


def progress_columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[RegisterLineRow]]:
    """The columns of the monthly progress: a bar as wide as the year's plan, with a mark at the share of the year that
    has passed."""
    del now_ms
    return (
        ListColumn(N_("Month"), 7, lambda row: ((row.values["month"], "muted"),)),
        ListColumn(N_("Done of the year’s plan"), PLAN_CELLS + 1, _bar),
        ListColumn("%", 5, _rate, align_right=True),
        ListColumn(N_("This month, 10k"), 15, lambda row: _wan(row.values["month_done"]), align_right=True),
        ListColumn(N_("Done, 10k"), 12, lambda row: _wan(row.values["done"]), align_right=True, min_list_width=84),
        ListColumn(
            N_("Planned, 10k"), 12, lambda row: _wan(row.values["planned"]), align_right=True, min_list_width=84
        ),
        ListColumn("", 1, lambda _row: "", min_list_width=84),
        ListColumn(N_("Physical progress"), 14, lambda row: row.values["physical"] or "", grow_share=1),
    )


def _bar(row: RegisterLineRow) -> Cell:
    """``####|---``: the part done, the mark at the share of the year that has passed, the rest of the plan."""
    rate = row.values["rate"]
    if rate is None:
        return ((_("no plan for this year"), "muted"),)
    done, mark = min(round(rate * PLAN_CELLS / 100), PLAN_CELLS), round(int(row.values["month"][5:]) * PLAN_CELLS / 12)
    cells = ["#"] * done + ["-"] * (PLAN_CELLS - done)
    cells.insert(mark, "|")
    end = done + (1 if mark < done else 0)
    style = "bad" if row.values["behind"] else "good"
    return (("".join(cells[:end]), style), ("".join(cells[end:]), "muted"))


def _rate(row: RegisterLineRow) -> str:
    rate = row.values["rate"]
    return "" if rate is None else f"{rate:.0f}"


def _wan(yuan: int | None) -> str:
    return "" if yuan is None else format_wan(yuan)
