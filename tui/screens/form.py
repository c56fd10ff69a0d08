"""Forms: drafts are saved every second, a key saves the line, and concurrent edits of others are never overwritten.

A form reads its line, then the draft of an earlier, unfinished filling, which takes precedence. While it is open, a
change to the same line by another device is reported and nothing typed is changed; only the fields that were changed
here are saved, so that both changes survive unless they meet in one field.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Label, TextArea

from store.exceptions import DeviceStateError, GuanjiaError
from store.queries.stand_ins import PRINCIPAL_FIELD
from store.values.times import district_time
from tui.app.app import KEY_FLUSH_TIMEOUT_S
from tui.data import readers
from tui.data.form_values import IDS, VERSION, FormValues
from tui.data.messages import ErrorReported, LedgerChanged
from tui.data.suggestion import Suggestion
from tui.exceptions import to_guanjia_error
from tui.i18n.translate import _, error_text
from tui.keys.actions import FORM_SCOPE, bindings_in
from tui.screens.base import BaseScreen, MessageLineMixin
from tui.screens.concurrent_edit import ConcurrentEdit, find_concurrent_edit
from tui.screens.form_files import FilesMixin
from tui.screens.form_state import FormState, is_changed
from tui.screens.panels import Confirm, Notice
from tui.screens.principal_field import in_place_of, may_name_principal, principal_field
from tui.screens.questions import Answers, Questions, ask, correct_phones, find_questions, typed_values
from tui.widgets.autocomplete import NameField
from tui.widgets.cells import plain_content
from tui.widgets.day_field import DayField
from tui.widgets.fields import FieldColumn, FormField, values_of
from tui.widgets.files_field import FILES
from tui.widgets.page import PageBlock, PageTitle, Passage

if TYPE_CHECKING:
    from tui.data.reader import Reader

T = TypeVar("T")
DRAFT_SAVE_INTERVAL_S = 1.0
MAX_BACKOFF_TICKS = 60
"""A draft that could not be saved is tried again after at most so many ticks."""


class Form(FilesMixin, BaseScreen, MessageLineMixin):
    """A form over one line, or for a new one where ``line_id`` is None."""

    key_scope = FORM_SCOPE
    CSS_PATH = "form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_in(FORM_SCOPE)]

    def __init__(self, line_id: str | None = None, project: str | None = None) -> None:
        super().__init__()
        self.line_id = line_id
        self.project = project
        self.draft_context = project or ""
        self._initial_state: FormState | None = None
        self._saved_draft: FormValues = {}
        self._write_number = 0
        self._write_lock = threading.Lock()
        self._saving = False
        self._concurrent_page: list[PageBlock] = []
        self._reports_save_error = False
        self._failures = 0
        self._backoff_ticks = 0
        self._pending_saves = 0
        self._draft_saved_event = asyncio.Event()
        self._answers = Answers()

    # ── what each form says of itself ───────────────────────────────────────────────────────────────────────────

    @property
    def heading(self) -> str:
        """The form's title."""
        raise LookupError(f"{type(self).__name__} has no heading")

    @property
    def draft_key(self) -> str:
        """The key of the draft."""
        raise LookupError(f"{type(self).__name__} keeps no draft")

    @property
    def first_field(self) -> str:
        """The field that has the focus first: the one that cannot be guessed."""
        raise LookupError(f"{type(self).__name__} has no first field")

    @property
    def required_fields(self) -> Sequence[str]:
        """The fields that must be filled in before it can be saved."""
        return (self.first_field,)

    takes_issues = False
    """Whether new issues are opened and others moved on from within it."""

    @property
    def writes_for_others(self) -> bool:
        """Whether what it writes may be written in another's place: asked of lines that are new."""
        return False

    def make_fields(self) -> Sequence[FormField]:
        """The fields, in order."""
        raise LookupError(f"{type(self).__name__} has no fields")

    def load_state(self, reader: Reader) -> FormState:
        """What the form begins with; called in a thread."""
        raise LookupError(f"{type(self).__name__} does not begin")

    def save(self, reader: Reader, values: FormValues) -> str:
        """Write; called in a thread. ``values`` are those that differ from what was read, names as ids where known."""
        raise LookupError(f"{type(self).__name__} saves nothing")

    # ── beginning ───────────────────────────────────────────────────────────────────────────────────────────────

    def body(self) -> Iterable[Widget]:
        """Heading, fields, and a line for messages."""
        yield Label(Content(self._heading_text("")), id="heading")
        with FieldColumn(id="fields"):
            yield from self.make_fields()
            yield from self.files_field()
            if self.writes_for_others:
                yield principal_field()
        yield Label(id="said")

    def _heading_text(self, about: str) -> str:
        """What is filled in, what it is about, and what the star at a label means."""
        parts = (self.heading, about, _("* must be filled in") if self.required_fields else "")
        return " " + "   ".join(part for part in parts if part)

    @on(FormField.Changed)
    def show_marks(self, message: FormField.Changed) -> None:
        """Beside the field the day that is understood; stars anew, since a choice may ask for more."""
        if isinstance(message.field, DayField):
            message.field.show_day(district_time(self.app.now_ms()))
        self.mark_required_fields()

    def mark_required_fields(self) -> None:
        """The star at the labels of what must be filled in."""
        required = self.required_fields
        for each in self.fields:
            each.set_required(each.key in required)

    def on_mount(self) -> None:
        """Ready to type before anything is read; read, and keep what is typed."""
        self.mark_required_fields()
        self.query_one(f"#field-{self.first_field}", FormField).focus_control()
        self.set_interval(DRAFT_SAVE_INTERVAL_S, self.tick)
        self.read_in_thread(self._load_with_draft, self.show_state, "begin")

    def reload(self) -> None:
        """The store has opened, or the ledger has changed."""
        if self._initial_state is None:
            self.read_in_thread(self._load_with_draft, self.show_state, "begin")
        elif self._initial_state.version is not None:
            self.read_in_thread(self._find_concurrent_edit, self._handle_concurrent_edit, "compare")

    def _load_with_draft(self, reader: Reader) -> FormState:
        state = self.load_state(reader)
        state.names_principal = self.writes_for_others and may_name_principal(reader)
        try:
            state.draft = reader.writer.ledger.load_draft(self.draft_key)
        except DeviceStateError as error:
            state.draft_error = to_guanjia_error(error, reader.home)
        return state

    def show_state(self, state: FormState) -> None:
        """Show what the form begins with; an unfinished draft wins."""
        if self._initial_state is not None:
            return
        self._initial_state = state
        draft = {name: value for name, value in (state.draft or {}).items() if value is not None}
        made_from = draft.pop(VERSION, None)
        shown = {**state.values, **draft}
        draft_ids = shown.pop(IDS, None)
        ids = {**state.ids, **(draft_ids if isinstance(draft_ids, dict) else {})}
        for name, line_id in ids.items():
            for name_field in self.query(NameField):
                name_field.remember(name, line_id)
        for each in self.fields:
            if each.key in shown and not each.touched:
                each.put(shown[each.key])
        for each in self.query(f"#field-{PRINCIPAL_FIELD}").results(FormField):
            each.display = state.names_principal
        if not any(each.touched for each in self.fields):
            self._saved_draft = self.draft_values()
        if state.head:
            self.query_one("#heading", Label).update(plain_content(self._heading_text(state.head)))
        self._show_draft_message(state, bool(draft))
        if isinstance(made_from, (list, tuple)) and state.version and tuple(made_from) != state.version:
            state.version = (int(made_from[0]), str(made_from[1]))
            self.reload()

    def _show_draft_message(self, state: FormState, has_draft: bool) -> None:
        if state.draft_error is not None:
            self.show_message("\n".join(error_text(state.draft_error)), bad=True)
        else:
            self.show_message(_("Your unfinished draft is back. ^D throws it away.") if has_draft else "")

    @property
    def fields(self) -> list[FormField]:
        """The fields."""
        return list(self.query(FormField))

    def draft_values(self) -> dict[str, object]:
        """The form's values as its draft holds them: of an existing line only the changed ones (None elsewhere), so
        that a draft never reverts what others have changed since."""
        begun = self._initial_state
        if self.line_id is None or begun is None:
            ids = {name: line_id for one in self.query(NameField) for name, line_id in one.ids.items()}
            return {**values_of(self.fields), IDS: ids}
        changed = [one for one in self.fields if is_changed(one, begun)]
        ids = {one.value: one.chosen_id for one in changed if isinstance(one, NameField) and one.chosen_id}
        says = {one.key: one.value if one in changed else None for one in self.fields}
        return {**says, IDS: ids, VERSION: begun.version}

    # ── keeping ─────────────────────────────────────────────────────────────────────────────────────────────────

    def tick(self) -> None:
        """Every second: save the draft. After a failure the pause doubles each time: a full disk does not recover
        sooner."""
        self._backoff_ticks = max(self._backoff_ticks - 1, 0)
        if not self._backoff_ticks:
            self.keep_draft()

    def keep_draft(self) -> None:
        """Keep what is typed, if anything was since the last time. Before the earlier draft is read, only what was
        typed is known: it is laid over that draft."""
        if self._saving or self.app.reader is None:
            return
        holds = self.draft_values() if self._initial_state else self._typed_values()
        if holds != self._saved_draft:
            self._saved_draft = holds
            self._pending_saves += 1
            self._draft_saved_event.clear()
            self._write(partial(self._save_draft, holds), self._handle_draft_saved)

    async def wait_for_draft_save(self) -> None:
        """Wait until the draft is saved or has failed, for at most `KEY_FLUSH_TIMEOUT_S`; a slower store writes it
        after the form has closed."""
        if self._pending_saves:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._draft_saved_event.wait(), KEY_FLUSH_TIMEOUT_S)

    def _save_draft(self, holds: FormValues, reader: Reader) -> GuanjiaError | None:
        try:
            reader.writer.ledger.save_draft(self.draft_key, holds)
        except Exception as error:
            return to_guanjia_error(error, reader.home)
        return None

    def _handle_draft_saved(self, error: GuanjiaError | None) -> None:
        self._pending_saves -= 1
        if not self._pending_saves:
            self._draft_saved_event.set()
        if error is None:
            if self._failures:
                self.show_message(_("Your draft is kept again."))
            self._failures = 0
            return
        self._failures += 1
        self._backoff_ticks = min(2**self._failures, MAX_BACKOFF_TICKS)
        self._saved_draft = {}
        if self._failures == 1 and not self._saving:
            message = error_text(error)
            self.show_message(
                "\n".join(
                    (message.what, _("Your draft cannot be kept now; what you typed is still here."), message.remedy)
                ),
                bad=True,
            )

    @property
    def has_unsaved_draft(self) -> bool:
        """Whether the form holds text that could not be saved: closing it would lose that."""
        return self._failures > 0 and self._is_modified

    def _write(self, job: Callable[[Reader], T], take: Callable[[T | None], None]) -> None:
        """Write in a thread. Threads may overtake each other: a write that was overtaken is dropped, so that an older
        draft never overwrites a newer one, or follows a saved line."""
        self._write_number += 1
        self.write_in_thread(partial(self._run_in_order, job, self._write_number), take)

    def _run_in_order(self, job: Callable[[Reader], T], turn: int, reader: Reader) -> T | None:
        with self._write_lock:
            return job(reader) if turn == self._write_number else None

    def _typed_values(self) -> dict[str, object]:
        return {each.key: each.value for each in self.fields if each.touched}

    @on(NameField.SuggestionsRequested)
    def suggest(self, message: NameField.SuggestionsRequested) -> None:
        """Suggest names for what is typed."""
        one, text, project = message.field, message.text, self.project_for_suggestions()

        def take(suggestions: list[Suggestion]) -> None:
            one.show_suggestions(text, suggestions)

        self.read_in_thread(
            lambda reader: reader.run(readers.suggestions.suggest, one.kind, text, project, reader.thresholds()),
            take,
            "suggest",
        )

    def project_for_suggestions(self) -> str | None:
        """The project whose people are suggested first."""
        return self.project

    async def action_insert_phrase(self) -> None:
        """Choose a phrase, which is put where the cursor is."""
        field = self.focused
        if isinstance(field, Input | TextArea):
            await self.app.open_screen("phrase_menu", field)
        else:
            self.show_message(_("Go to a text field first: a phrase is put where the cursor is."))

    # ── saving ──────────────────────────────────────────────────────────────────────────────────────────────────

    def action_save(self) -> None:
        """Save and close."""
        if self._initial_state is None or self._saving or self._report_missing_fields():
            return
        self._saving = True
        self.show_message(_("Saving"))
        before = self._initial_state if self.line_id else FormState({})
        values = {one.key: one.submitted_value for one in self.fields if is_changed(one, before) and one.key != FILES}
        files = self.chosen_files
        typed = typed_values(self.query(FormField), self._answers)
        self._write(
            lambda reader: find_questions(reader, typed) or self._save(reader, values, files), self._handle_saved
        )

    def _handle_saved(self, outcome: Questions | str | None) -> None:
        """Saved; or something that was typed is asked back first."""
        if not isinstance(outcome, Questions):
            self.after_save(outcome)
            self.tell_refused_files()
            return
        self._saving = False
        self.show_message("")
        ask(self.app, outcome, self._answers, list(self.query(FormField)), self.action_save)

    def _report_missing_fields(self) -> bool:
        """Whether a required field is empty; reports it and focuses the first."""
        empty = [one for one in self.fields if one.key in self.required_fields and not one.value]
        if empty:
            labels = _(", ").join(_(one.label) for one in empty)
            self._reports_save_error = True
            self.show_message(_("Please fill in: {fields}.").format(fields=labels), bad=True)
            for one in self.fields:
                one.mark_invalid(one in empty)
            empty[0].focus_control()
        return bool(empty)

    def _save(self, reader: Reader, values: FormValues, files: Sequence[str]) -> str:
        with in_place_of(reader, values) as own:
            correct_phones(reader, self._answers)  # before the draft counts as saved: the line may still be refused
            ledger = reader.writer.ledger
            with ledger.saving_draft(self.draft_key), self.attaching(ledger, files):
                return self.save(reader, own)

    def after_save(self, line_id: str | None) -> None:
        """Written and on the disk."""
        del line_id
        self.app.show_message(self.saved_message())
        self.dismiss(None)

    def saved_message(self) -> str:
        """What was done."""
        return _("Saved.")

    def on_error_reported(self, message: ErrorReported) -> None:
        """Show why the line cannot be saved, in the form; the values stay."""
        message.stop()
        self._saving, self._saved_draft = False, {}
        self._reports_save_error = True
        self.show_message("\n".join(error_text(message.error)), bad=True)
        self.mark_invalid_fields(message.error)

    @on(FormField.Changed)
    def _forget_mended_error(self) -> None:
        """The error of the last attempt to save goes once no field is marked any more."""
        if self._reports_save_error and not self.query(".-wrong"):
            self._reports_save_error = False
            self.show_message("")

    def mark_invalid_fields(self, error: GuanjiaError) -> None:
        """Mark the fields that an error names."""
        named = str(error.values.get("fields") or error.values.get("detail") or "")
        for one in self.fields:
            one.mark_invalid(one.key in named)

    # ── leaving ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def action_back(self) -> None:
        """Close the form; the draft stays. Text typed before the ledger opened cannot be saved yet."""
        if self.app.reader is None and self.app.open_error is None and self._typed_values():
            self.show_message(_("The ledger is still opening. Your text is here; leave in a moment."))
            return
        self.keep_draft()
        await self.wait_for_draft_save()
        if self.has_unsaved_draft:
            self.show_message(
                _("Your draft cannot be kept, so the form stays open. ctrl+d throws away what you typed."), bad=True
            )
            return
        if self._initial_state is not None and self._is_modified:
            self.app.show_message(_("Your draft is kept."))
        self.dismiss(None)

    @property
    def _is_modified(self) -> bool:
        begun = self._initial_state or FormState({})
        return bool(begun.draft) or any(is_changed(one, begun) for one in self.fields)

    def action_discard(self) -> None:
        """Confirm, then discard the draft."""
        question: list[PageBlock] = [
            PageTitle(_("Throw away what you typed here?")),
            Passage(_("The ledger itself is not changed.")),
        ]
        self.app.push_screen(Confirm(question, self._discard, danger=True))

    def _discard(self) -> None:
        self._saving = True
        self._write(self._drop_draft, self._handle_draft_discarded)

    def _drop_draft(self, reader: Reader) -> GuanjiaError | None:
        try:
            reader.writer.ledger.drop_draft(self.draft_key)
        except DeviceStateError as error:
            return to_guanjia_error(error, reader.home)
        return None

    def _handle_draft_discarded(self, error: GuanjiaError | None) -> None:
        """Close the form, even where its draft is in a file that cannot be used."""
        if error is not None:
            self.app.show_message("\n".join(error_text(error)), warning=True)
        self.dismiss(None)

    # ── somebody else's change ──────────────────────────────────────────────────────────────────────────────────

    def on_ledger_changed(self, _message: LedgerChanged) -> None:
        """Look at once, even below another screen: what is typed here must not overwrite unseen."""
        if self.app.reader is not None:
            self.reload()

    def _find_concurrent_edit(self, reader: Reader) -> ConcurrentEdit | None:
        begun = self._initial_state.version if self._initial_state else None
        return find_concurrent_edit(reader, self.line_id, begun, self.app.now_ms()) if self.line_id else None

    def _handle_concurrent_edit(self, edit: ConcurrentEdit | None) -> None:
        if edit is None or self._saving or self._initial_state is None or edit.version == self._initial_state.version:
            return
        self._concurrent_page = edit.page
        mine = {one.key: _(one.label) for one in self.fields if is_changed(one, self._initial_state)}
        self.show_message(edit.message(mine))

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
        if self._concurrent_page:
            self.app.push_screen(Notice(self._concurrent_page))
