"""The keys of the screens: what each action's are, which are a person's own, where they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui.i18n.translate import N_, _
from tui.keys.actions import ACTIONS, APP_SCOPE, Action, format_key, format_keys
from tui.keys.key_docs import action_scopes_label
from tui.keys.keymap import FIXED_ACTIONS, Keymap
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageTitle, Passage


@dataclass(frozen=True, slots=True)
class KeyRow:
    """An action with the keys that it has now. ``is_own``: they are the person's; ``is_fixed``: they cannot change."""

    id: str
    action: Action
    is_own: bool
    is_fixed: bool


def key_rows(keymap: Keymap) -> list[KeyRow]:
    """Every action that has a key, those of everywhere first."""
    shown = [action for action in ACTIONS if action.displayed_keys]
    ordered = sorted(shown, key=lambda action: APP_SCOPE not in action.scopes)
    return [KeyRow(one.id, one, one.id in keymap.keys, one.id in FIXED_ACTIONS) for one in ordered]


def key_columns() -> Sequence[ListColumn[KeyRow]]:
    """The columns of the list of keys."""
    return (
        ListColumn(N_("Key"), 14, lambda row: ((format_keys(row.action), "accent" if row.is_own else ""),)),
        ListColumn(N_("What it does"), 30, lambda row: _(row.action.help), grow_share=2),
        ListColumn(N_("Where"), 16, lambda row: ((action_scopes_label(row.action), "muted"),), grow_share=1),
    )


def key_page(row: KeyRow, problems: Sequence[str]) -> list[PageBlock]:
    """The page of an action: what it does, its keys now and by default, whether they can change, and what of the keymap
    file is ignored."""
    default = "  ".join(format_key(key) for key in row.action.default_keys)
    facts = [
        (_("Keys"), format_keys(row.action)),
        (_("By default"), default),
        (_("Where"), action_scopes_label(row.action)),
        (_("Its name in the file"), row.id),
    ]
    blocks: list[PageBlock] = [
        PageTitle(_(row.action.label)),
        Passage(_(row.action.help)),
        BlankLine(),
        FactTable(facts),
    ]
    if row.is_fixed:
        blocks += [BlankLine(), Passage(_("These keys cannot be changed: they mean one thing everywhere."), "muted")]
    return [*blocks, *(block for text in problems for block in (BlankLine(), Passage(text, "warn")))]
