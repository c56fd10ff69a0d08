"""Helpers of several presenters: status lights, widths of labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui.i18n.labels import FAMILIES
from tui.i18n.provisional_text import PROVISIONAL
from tui.i18n.translate import _, value_label
from tui.widgets.cells import Spans

if TYPE_CHECKING:
    from store.queries.issues import IssueRow


def light_cell(light: str | None) -> Spans:
    """A status light as a cell: a glyph on its colour, readable without colours; empty for None."""
    return ((value_label("light_mark", light), light),) if light else ()


def widest_label(family: str) -> int:
    """The width in cells of the longest label of a family, in the current language."""
    return max(cell_len(value_label(family, value)) for value in FAMILIES[family])


def light_with_label(light: str | None) -> Spans:
    """A status light with its label, for a page; empty for None."""
    return (*light_cell(light), (" " + value_label("light", light), "")) if light else ()


def draft_label(key: str) -> str:
    """The label of the form whose draft has this key."""
    kind = key.partition(":")[0]
    if kind == "act" or key.count(":") == 3:  # a decision in a meeting is an act as well
        from tui.data.meeting_draft import DISCUSSED, undecided_text  # noqa: PLC0415 - not imported before the first paint

        verb = key.rpartition(":")[2]
        return undecided_text("") if verb == DISCUSSED else value_label("act", verb)
    from store.domain.registers import REGISTERS  # noqa: PLC0415 - not imported before the first paint

    register = REGISTERS.get(kind)
    return _(register.title) if register else value_label("kind", kind)


def provisional_mark(provisional: int) -> Spans:
    """Before a record's title: that colleagues gave versions of it, or of what belongs to it, which the central has not
    judged."""
    return ((_(PROVISIONAL) + " ", "warn"),) if provisional else ()


def owed_mark(row: IssueRow) -> Spans:
    """Before an issue's title, behind its light: how many departments have not given their opinion."""
    owed = sum(each.owed for each in row.co_handlers)
    return ((_("{n} owed").format(n=owed) + " ", "warn"),) if owed else ()
