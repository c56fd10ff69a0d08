"""The action table as people read it outside the program: the README's table, and a keymap file to begin with.

``python -m tui.keys.key_docs`` writes the table into README.md, between its two marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from store.values.text_files import replace_between
from tui.i18n.translate import _, set_language, value_label
from tui.keys.actions import ACTIONS, APP_SCOPE, Action, format_keys

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- keys: made by python -m tui.keys.key_docs -->", "<!-- end of keys -->"


def scope_labels(scopes: Iterable[str]) -> str:
    """The labels of screens."""
    return _(", ").join(value_label("place", scope) for scope in scopes)


def action_scopes_label(action: Action) -> str:
    """The labels of an action's screens."""
    return scope_labels(action.scopes)


def keys_markdown() -> str:
    """Every action with its keys, those of everywhere first."""
    rows = sorted(ACTIONS, key=lambda action: APP_SCOPE not in action.scopes)
    parts = [
        "| " + " | ".join((_keys(action), _(action.help), action_scopes_label(action))) + " |"
        for action in rows
        if action.displayed_keys
    ]
    heading = " | ".join((_("Key"), _("What it does"), _("Where")))
    return "\n".join([f"| {heading} |", "|---|---|---|", *parts])


def _keys(action: Action) -> str:
    return " ".join(f"`{key}`" for key in format_keys(action).split(" "))


def keymap_template() -> str:
    """A keymap file with every action and the table's own keys, each entry commented out."""
    return "\n".join(_keymap_template_lines()) + "\n"


def _keymap_template_lines() -> Iterator[str]:
    yield "# " + _("Which keys do what. Take away the # of a line and change its keys.")
    yield "# " + _("“guanjia settings keys” says what of this is not obeyed, and why.")
    yield "[keys]"
    for action in ACTIONS:
        keys = ", ".join(f'"{key}"' for key in action.default_keys)
        yield ""
        yield "# " + _(action.help) + f" ({action_scopes_label(action)})"
        yield f"# {action.id} = [{keys}]"


def write_readme() -> None:
    """Put the table into the README, in English, which is the README's language."""
    set_language("en")
    replace_between(README, BEGIN, END, keys_markdown())


if __name__ == "__main__":
    write_readme()
