"""Why an issue has its light today: the proof as a page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from tui.data import readers
from tui.i18n.translate import _
from tui.keys.actions import bindings_in
from tui.presenters.light_proof import proof_page
from tui.screens.base import BaseScreen
from tui.widgets.page import PageView, Passage

if TYPE_CHECKING:
    from tui.data.readers.issue import NamedProof


class LightProofScreen(BaseScreen):
    """One page, computed again with each change of the ledger."""

    key_scope = "light_proof"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in("light_proof")]

    def __init__(self, issue_id: str) -> None:
        super().__init__()
        self.issue_id = issue_id

    def body(self) -> Iterable[Widget]:
        """The page."""
        yield PageView(id="page")

    def reload(self) -> None:
        """Compute the proof again."""
        self.read_in_thread(
            lambda reader: reader.run(readers.issue.named_proof, self.issue_id, reader.thresholds()), self._show
        )

    def _show(self, named: NamedProof | None) -> None:
        page = self.query_one("#page", PageView)
        if named is None:
            page.show([Passage(_("This line is not here, or no longer yours to see."), "warn")])
            return
        page.show(proof_page(named.proof, named.names))
