"""The action table as people read it outside the program: the README's table, and a keymap file to begin with.

``python -m tui.keys.key_docs`` writes the table into README.md, between its two marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from tui.i18n.translate import _, use, word
from tui.keys.actions import ACTIONS, EVERYWHERE, Action, keys_shown

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- keys: made by python -m tui.keys.key_docs -->", "<!-- end of keys -->"


def places_named(places: Iterable[str]) -> str:
    """Screens in words."""
    return _(", ").join(word("place", place) for place in places)


def where(action: Action) -> str:
    """The screens of an action, in words."""
    return places_named(action.where)


def markdown() -> str:
    """Every action with its keys, those of everywhere first."""
    rows = sorted(ACTIONS, key=lambda action: EVERYWHERE not in action.where)
    told = ["| " + " | ".join((_keys(action), _(action.help), where(action))) + " |" for action in rows if action.shown]
    heading = " | ".join((_("Key"), _("What it does"), _("Where")))
    return "\n".join([f"| {heading} |", "|---|---|---|", *told])


def _keys(action: Action) -> str:
    return " ".join(f"`{key}`" for key in keys_shown(action).split(" "))


def keymap_file() -> str:
    """A keymap file with every action and the table's own keys, each entry commented out."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# " + _("Which keys do what. Take away the # of a line and change its keys.")
    yield "# " + _("“guanjia settings keys” says what of this is not obeyed, and why.")
    yield "[keys]"
    for action in ACTIONS:
        keys = ", ".join(f'"{key}"' for key in action.own_keys)
        yield ""
        yield "# " + _(action.help) + f" ({where(action)})"
        yield f"# {action.id} = [{keys}]"


def write_readme() -> None:
    """Put the table into the README, in English, which is the README's language."""
    use("en")
    text = README.read_text(encoding="utf-8")
    before, _begin, rest = text.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{markdown()}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    write_readme()
