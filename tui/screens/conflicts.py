"""Conflicts: versions that were superseded by an edit made without having seen them; restore or dismiss them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from store import commands, queries
from tui.data import readers
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.keys.actions import bindings_in
from tui.presenters.conflicts import conflict_columns, conflict_page, diff_legend, difference_blocks
from tui.presenters.lines import line_summary
from tui.screens.master_detail import MasterDetailScreen, named_lines
from tui.screens.panels import Confirm
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, PageBlock, PageTitle, Passage, StyledLine

if TYPE_CHECKING:
    from store.queries.conflicts import Conflict
    from tui.data.reader import Reader


class ConflictsScreen(MasterDetailScreen["Conflict"]):
    """The versions; of the one under the cursor what was lost, word by word."""

    key_scope = "conflicts"
    empty = N_("Nothing lost waits for you: every version has won, was brought back or put away. esc goes back.")
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("conflicts")]

    def columns(self) -> Sequence[ListColumn[Conflict]]:
        """What was superseded, whose it was, who won."""
        return conflict_columns(self.app.now_ms)

    def line_id_of(self, row: Conflict) -> str:
        """The line that the version is of."""
        return row.line

    def reload(self) -> None:
        """Read what lost again."""
        self.read_in_thread(lambda reader: reader.run(queries.conflicts.unresolved_conflicts), self.update_rows)

    def page_of(self, reader: Reader, row: Conflict, now_ms: int) -> Sequence[PageBlock]:
        """The version, with the names that it mentions."""
        return conflict_page(row, reader.run(readers.lines.conflict_names, row), now_ms)

    def action_restore(self) -> None:
        """Ask, showing what restoring would change; enter agrees."""
        chosen = self.rows.target_rows
        if len(chosen) == 1:
            self.read_in_thread(
                lambda reader: _restore_blocks(chosen[0], reader.run(readers.lines.conflict_names, *chosen)),
                lambda asked: self._confirm_restore(asked, chosen),
                "question",  # of its own: reading the list again must not call it off, nor the other way round
            )
        elif chosen:
            self._confirm_restore(_bulk_restore_blocks(chosen), chosen)

    def _confirm_restore(self, question: Sequence[PageBlock], conflicts: Sequence[Conflict]) -> None:
        self.app.push_screen(Confirm(question, lambda: self._restore(conflicts)))

    def _restore(self, conflicts: Sequence[Conflict]) -> None:
        self.write_in_thread(partial(_write_restored, conflicts=conflicts), self.report_restored)

    def action_put_away(self) -> None:
        """Dismiss: no line changes, so nothing is asked."""
        if chosen := self.rows.target_rows:
            self.write_in_thread(partial(_write_dismissed, conflicts=chosen), self._handle_dismissed)

    def _handle_dismissed(self, count: int) -> None:
        self.rows.deselect()
        message = ngettext(
            "{n} put away. It stays in its line’s history.", "{n} put away. They stay in their lines’ history.", count
        )
        self.app.show_message(message.format(n=count))


def _write_restored(reader: Reader, conflicts: Sequence[Conflict]) -> int:
    """Restore what superseded versions say, as new versions; returns how many lines."""
    return len(reader.writer.run(lambda ledger: commands.conflicts.restore_conflicts(ledger, conflicts)))


def _write_dismissed(reader: Reader, conflicts: Sequence[Conflict]) -> int:
    """Mark superseded versions as dealt with; returns how many."""
    return reader.writer.run_final(lambda ledger: commands.conflicts.dismiss_conflicts(ledger, conflicts))


def _restore_blocks(row: Conflict, names: dict[str, str]) -> list[PageBlock]:
    return [
        PageTitle(_("Bring this back?")),
        Passage(_("The line says again what was lost, as a new version; whatever else it says now stays.")),
        BlankLine(),
        PageTitle(_line_title(row)),
        StyledLine(diff_legend()),
        *difference_blocks(row, names),
    ]


def _bulk_restore_blocks(conflicts: Sequence[Conflict]) -> list[PageBlock]:
    count = len(conflicts)
    return [
        PageTitle(ngettext("Bring {n} version back?", "Bring {n} versions back?", count).format(n=count)),
        Passage(_("The lines say again what was lost, as new versions; whatever else they say now stays.")),
        BlankLine(),
        *named_lines([_line_title(row) for row in conflicts]),
    ]


def _line_title(row: Conflict) -> str:
    return f"{value_label('kind', row.kind)}  {line_summary(row.kind, row.body)}"
