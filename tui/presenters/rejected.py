"""A refused line on the screen: what it says, why the central refused it, and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.i18n.dates import moment_shown
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import _, word
from tui.presenters.lines import Names, body_facts, summary
from tui.widgets.cells import Spans
from tui.widgets.page import Block, Facts, Gap, Heading, Passage, Title, Words

if TYPE_CHECKING:
    from store.queries.lines import Rejected


def refused_page(row: Rejected, names: Names, now_ms: int) -> list[Block]:
    """One refused line: why, how to mend it, and what it says."""
    why: Spans = ((word("rejection", row.code or "") or _("refused"), "bad"),)
    page: list[Block] = [Title(f"{word('kind', row.kind)}  {summary(row.kind, row.body)}"), Words(why), Gap()]
    page.append(Facts(((_("Project"), row.project), (_("Refused"), moment_shown(row.at, now_ms)))))
    page += [Heading(_("How to mend it")), Passage(mending(row.code))]
    if row.reason:
        page += [Gap(), Passage(_("The central’s own words: {words}").format(words=row.reason), "muted")]
    return [*page, Heading(_("What it says")), body_facts(row.kind, row.body, names)]


def mending(code: str | None) -> str:
    """What a person can do about a refusal."""
    if code in FAMILIES["mending"]:
        return word("mending", code)
    return _("Correct the line with e, send it again with t, or ask whoever looks after the central.")
