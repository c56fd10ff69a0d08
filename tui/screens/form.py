"""Forms: what is typed is kept every second, saved with one key, and never lost to somebody else's change.

A form reads what it shows, then the draft of an earlier, unfinished filling, which wins. While it is open, a change to
the same line by somebody else is told and nothing typed is touched; only the fields that were changed here are saved,
so that both changes live on unless they meet in one field.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import on
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Label

from store.exceptions import GuanjiaError
from tui.app.app import PATIENCE_S
from tui.data.messages import Failed, LedgerChanged
from tui.exceptions import foreseen
from tui.i18n.translate import _, sentences
from tui.keys.actions import FORMS, bindings
from tui.screens.base import Place, Saying
from tui.screens.concurrent_edit import Elsewhere, changed_elsewhere
from tui.screens.panels import Confirm
from tui.widgets.autocomplete import NameField, Suggestion
from tui.widgets.cells import plain
from tui.widgets.fields import Field, values_of
from tui.widgets.page import Block, Passage, Title

if TYPE_CHECKING:
    from tui.data.reader import Desk

T = TypeVar("T")
KEEP_EVERY_S = 1.0
LONGEST_REST = 60
"""After so many ticks at the most it is tried again to keep a draft that could not be kept."""
IDS, VERSION = "_ids", "_version"
"""What a draft holds beside the fields: the ids behind names, and which version of the line it was made from."""


@dataclass
class Filling:
    """What a form begins with: values as shown, ids behind the names among them, the version they were read from, the
    draft of an earlier filling, and a line about it all for the form's head."""

    values: Mapping[str, Any]
    ids: Mapping[str, str] = field(default_factory=dict)
    version: tuple[int, str] | None = None
    draft: Mapping[str, Any] | None = None
    head: str = ""


class Form(Place, Saying):
    """A form over one line, or for a new one where ``line_id`` is None."""

    place = FORMS
    CSS_PATH = "form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(FORMS)]

    def __init__(self, line_id: str | None = None, project: str | None = None) -> None:
        super().__init__()
        self.line_id = line_id
        self.project = project
        self.opened_for = project or ""
        self._begun: Filling | None = None
        self._kept: Mapping[str, Any] = {}
        self._turn = 0
        self._in_turn = threading.Lock()
        self._saving = False
        self._theirs: list[Block] = []
        self._failures = 0
        self._rest = 0
        self._unanswered = 0
        self._answered = asyncio.Event()

    # ── what each form says of itself ───────────────────────────────────────────────────────────────────────────

    @property
    def heading(self) -> str:
        """The form's title."""
        raise LookupError(f"{type(self).__name__} has no heading")

    @property
    def draft_key(self) -> str:
        """Under which name the draft is kept."""
        raise LookupError(f"{type(self).__name__} keeps no draft")

    @property
    def first(self) -> str:
        """The field one types into at once: the one that cannot be guessed."""
        raise LookupError(f"{type(self).__name__} has no first field")

    @property
    def needs(self) -> Sequence[str]:
        """The fields that must be filled in before it can be saved."""
        return (self.first,)

    takes_issues = False
    """Whether new issues are opened and others moved on from within it."""

    def make_fields(self) -> Sequence[Field]:
        """The fields, in order."""
        raise LookupError(f"{type(self).__name__} has no fields")

    def begin(self, desk: Desk) -> Filling:
        """What the form begins with; called in a thread."""
        raise LookupError(f"{type(self).__name__} does not begin")

    def save(self, desk: Desk, values: Mapping[str, Any]) -> str:
        """Write; called in a thread. ``values`` are those that differ from what was read, names as ids where known."""
        raise LookupError(f"{type(self).__name__} saves nothing")

    # ── beginning ───────────────────────────────────────────────────────────────────────────────────────────────

    def body(self) -> Iterable[Widget]:
        """Head, fields, and a place for what the form has to say."""
        yield Label(Content(" " + self.heading), id="heading")
        with Vertical(id="fields"):
            yield from self.make_fields()
        yield Label(id="said")

    def on_mount(self) -> None:
        """Ready to type before anything is read; read, and keep what is typed."""
        self.query_one(f"#field-{self.first}", Field).enter()
        self.set_interval(KEEP_EVERY_S, self.tick)
        self.ask(self._begin, self.fill, "begin")

    def reload(self) -> None:
        """The desk has opened, or the ledger has changed."""
        if self._begun is None:
            self.ask(self._begin, self.fill, "begin")
        elif self._begun.version is not None:
            self.ask(self._compare, self._told, "compare")

    def _begin(self, desk: Desk) -> Filling:
        filling = self.begin(desk)
        filling.draft = desk.pen.kept(self.draft_key)
        return filling

    def fill(self, filling: Filling) -> None:
        """Show what the form begins with; an unfinished draft wins."""
        if self._begun is not None:
            return
        self._begun = filling
        draft = {name: value for name, value in (filling.draft or {}).items() if value is not None}
        made_from = draft.pop(VERSION, None)
        shown = {**filling.values, **draft}
        for name, line_id in {**filling.ids, **shown.pop(IDS, {})}.items():
            for one in self.query(NameField):
                one.remember(name, line_id)
        for each in self.fields:
            if each.key in shown and not each.touched:
                each.put(shown[each.key])
        if not any(each.touched for each in self.fields):
            self._kept = self.holding()
        if filling.head:
            self.query_one("#heading", Label).update(plain(f" {self.heading}   {filling.head}"))
        self.said(_("Your unfinished draft is back. ^D throws it away.") if draft else "")
        if made_from and filling.version and tuple(made_from) != filling.version:
            filling.version = (made_from[0], made_from[1])
            self.reload()

    @property
    def fields(self) -> list[Field]:
        """The fields."""
        return list(self.query(Field))

    def holding(self) -> dict[str, Any]:
        """What the form holds, as its draft is kept: of a line that is there, only what was changed (None elsewhere),
        so that a draft never brings back what others have changed since."""
        begun = self._begun
        if self.line_id is None or begun is None:
            ids = {name: line_id for one in self.query(NameField) for name, line_id in one.ids.items()}
            return {**values_of(self.fields), IDS: ids}
        changed = [one for one in self.fields if _differs(one, begun)]
        ids = {one.value: one.chosen_id for one in changed if isinstance(one, NameField) and one.chosen_id}
        says = {one.key: one.value if one in changed else None for one in self.fields}
        return {**says, IDS: ids, VERSION: begun.version}

    # ── keeping ─────────────────────────────────────────────────────────────────────────────────────────────────

    def tick(self) -> None:
        """Every second: keep what is typed. Where that failed it rests, twice as long each time: a full disk does not
        get better by being asked every second."""
        self._rest = max(self._rest - 1, 0)
        if not self._rest:
            self.keep_draft()

    def keep_draft(self) -> None:
        """Keep what is typed, if anything was since the last time. Before the earlier draft is read, only what was
        typed is known: it is laid over that draft."""
        if self._saving or self.app.desk is None:
            return
        holds = self.holding() if self._begun else self._typed()
        if holds != self._kept:
            self._kept = holds
            self._unanswered += 1
            self._answered.clear()
            self._write(partial(self._keep, holds), self._kept_or_not)

    async def draft_answered(self) -> None:
        """Wait until it is known whether the draft was kept; a store that is busy for long is not waited for: the
        draft is written behind the closed form."""
        if self._unanswered:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._answered.wait(), PATIENCE_S)

    def _keep(self, holds: Mapping[str, Any], desk: Desk) -> GuanjiaError | None:
        try:
            desk.pen.keep(self.draft_key, holds)
        except Exception as error:
            return foreseen(error, desk.home)
        return None

    def _kept_or_not(self, error: GuanjiaError | None) -> None:
        self._unanswered -= 1
        if not self._unanswered:
            self._answered.set()
        if error is None:
            if self._failures:
                self.said(_("Your draft is kept again."))
            self._failures = 0
            return
        self._failures += 1
        self._rest = min(2**self._failures, LONGEST_REST)
        self._kept = {}
        if self._failures == 1 and not self._saving:
            told = sentences(error)
            self.said(
                "\n".join((told.what, _("Your draft cannot be kept now; what you typed is still here."), told.todo)),
                bad=True,
            )

    @property
    def unkept(self) -> bool:
        """Whether there is something typed that could not be kept: leaving would lose it."""
        return self._failures > 0 and self._touched

    def _write(self, job: Callable[[Desk], T], take: Callable[[T | None], None]) -> None:
        """Write in a thread. Threads overtake each other: what has been overtaken is not written, so that an older
        draft never comes back over a newer one, or over what was saved."""
        self._turn += 1
        self.do(partial(self._written, job, self._turn), take)

    def _written(self, job: Callable[[Desk], T], turn: int, desk: Desk) -> T | None:
        with self._in_turn:
            return job(desk) if turn == self._turn else None

    def _typed(self) -> dict[str, Any]:
        return {each.key: each.value for each in self.fields if each.touched}

    @on(NameField.Wanted)
    def suggest(self, message: NameField.Wanted) -> None:
        """Who or what can be meant, as one types."""
        one, text, project = message.field, message.text, self.project_meant()

        def take(found: list[Suggestion]) -> None:
            one.answer(text, found)

        self.ask(lambda desk: desk.suggest(one.kind, text, project), take, "suggest")

    def project_meant(self) -> str | None:
        """The project whose people are offered first."""
        return self.project

    # ── saving ──────────────────────────────────────────────────────────────────────────────────────────────────

    def action_save(self) -> None:
        """Save and close."""
        if self._begun is None or self._saving or self._lacks():
            return
        self._saving = True
        self.said(_("Saving"))
        before = self._begun if self.line_id else Filling({})
        values = {one.key: one.given for one in self.fields if _differs(one, before)}
        self._write(lambda desk: self._save(desk, values), self.saved)

    def _lacks(self) -> bool:
        """Whether something needed is not filled in; says what, and goes there."""
        empty = [one for one in self.fields if one.key in self.needs and not one.value]
        if empty:
            labels = _(", ").join(_(one.label) for one in empty)
            self.said(_("Please fill in: {fields}.").format(fields=labels), bad=True)
            for one in self.fields:
                one.wrong(one in empty)
            empty[0].enter()
        return bool(empty)

    def _save(self, desk: Desk, values: Mapping[str, Any]) -> str:
        line_id = self.save(desk, values)
        desk.pen.forget(self.draft_key)
        return line_id

    def saved(self, line_id: str | None) -> None:
        """Written and on the disk."""
        del line_id
        self.app.say(self.saved_words())
        self.dismiss(None)

    def saved_words(self) -> str:
        """What was done."""
        return _("Saved.")

    def on_failed(self, message: Failed) -> None:
        """What cannot be saved is said in the form, as long as it matters; what was typed stays."""
        message.stop()
        self._saving, self._kept = False, {}
        self.said("\n".join(sentences(message.error)), bad=True)
        self.mark_wrong(message.error)

    def mark_wrong(self, error: GuanjiaError) -> None:
        """Mark the fields that an error names."""
        named = str(error.values.get("fields") or error.values.get("detail") or "")
        for one in self.fields:
            one.wrong(one.key in named)

    # ── leaving ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def action_back(self) -> None:
        """Close the form; the draft is kept. What was typed before the ledger opened cannot be kept yet."""
        if self.app.desk is None and self.app.trouble is None and self._typed():
            self.said(_("The ledger is still opening. Your text is here; leave in a moment."))
            return
        self.keep_draft()
        await self.draft_answered()
        if self.unkept:
            self.said(
                _("Your draft cannot be kept, so the form stays open. ctrl+d throws away what you typed."), bad=True
            )
            return
        if self._begun is not None and self._touched:
            self.app.say(_("Your draft is kept."))
        self.dismiss(None)

    @property
    def _touched(self) -> bool:
        begun = self._begun or Filling({})
        return bool(begun.draft) or any(_differs(one, begun) for one in self.fields)

    def action_discard(self) -> None:
        """Ask, then throw the draft away."""
        question: list[Block] = [
            Title(_("Throw away what you typed here?")),
            Passage(_("The ledger itself is not changed.")),
        ]
        self.app.push_screen(Confirm(question, self._discard, danger=True))

    def _discard(self) -> None:
        self._saving = True
        self._write(lambda desk: desk.pen.forget(self.draft_key), self._forgotten)

    def _forgotten(self, _nothing: None) -> None:
        self.dismiss(None)

    # ── somebody else's change ──────────────────────────────────────────────────────────────────────────────────

    def on_ledger_changed(self, _message: LedgerChanged) -> None:
        """Look at once, even below another screen: what is typed here must not overwrite unseen."""
        if self.app.desk is not None:
            self.reload()

    def _compare(self, desk: Desk) -> Elsewhere | None:
        begun = self._begun.version if self._begun else None
        return changed_elsewhere(desk, self.line_id, begun, self.app.now_ms()) if self.line_id else None

    def _told(self, found: Elsewhere | None) -> None:
        if found is None or self._saving or self._begun is None or found.version == self._begun.version:
            return
        self._theirs = found.page
        mine = {one.key: _(one.label) for one in self.fields if _differs(one, self._begun)}
        self.said(found.told(mine))

    async def action_raise_issue(self) -> None:
        """A new issue, where the form takes some."""
        raise LookupError(f"{type(self).__name__} takes no issues")

    async def action_move_issue(self) -> None:
        """One of the project's open issues, where the form takes some."""
        raise LookupError(f"{type(self).__name__} takes no issues")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Issues are for the forms that take them."""
        if action in ("raise_issue", "move_issue"):
            return self.takes_issues
        return super().check_action(action, parameters)

    def action_theirs(self) -> None:
        """Show the other change."""
        if self._theirs:
            self.app.push_screen(Confirm(self._theirs, lambda: None))


def _differs(one: Field, begun: Filling) -> bool:
    """Whether a field says something else than what the form began with: another text, or a namesake."""
    if one.value != (begun.values.get(one.key) or ""):
        return True
    meant = one.chosen_id if isinstance(one, NameField) else None
    return meant is not None and begun.ids.get(one.value, meant) != meant
