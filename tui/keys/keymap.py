"""The keymap file: which keys a person wants instead of the action table's, read before the first screen is made.

``keys.toml`` in the home has a table ``[keys]``: an action's id, and its keys as a list. An entry that is not valid is
reported, and that action keeps the table's own keys: nobody is locked out by a mistake in a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from store.home.settings import REPEATED_LINE, UNREADABLE_LINE
from store.values.text_files import decode_text
from store.values.toml_files import BadTomlLine, parse_toml
from tui.i18n.translate import N_, _, value_label
from tui.keys.actions import (
    ACTIONS,
    LIST_KEYS,
    UNUSABLE_KEYS,
    Action,
    KeysByAction,
    active_actions,
    keys_of,
    normalize_key,
    scopes,
)

FIXED_ACTIONS = frozenset(
    {"destroy", "drop", "erase_person", "erase_file", "discard", "agree", "choose", "apply", "open", "save", "back"}
)
"""Actions whose keys cannot be changed: destructive ones have a key of their own, and enter and escape mean one
thing."""
RENAMED_ACTIONS = {"losers": "conflicts"}
"""Former ids of actions, which the files of people may still hold."""
_KEY = re.compile(r"(ctrl\+|shift\+|alt\+)*([a-z0-9_]+|\S)", re.IGNORECASE)
_MAX_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class KeymapProblem:
    """An entry of the file that is ignored, and why: ``message_id`` is filled with ``values``."""

    message_id: str
    values: Mapping[str, str]

    def message(self) -> str:
        """The problem as a sentence."""
        return _(self.message_id).format(**self.values)


@dataclass(frozen=True, slots=True)
class Keymap:
    """The valid entries of a keymap file, keys by action, and the problems of the rest."""

    keys: KeysByAction = field(default_factory=dict)
    problems: tuple[KeymapProblem, ...] = ()


def read_keymap(path: Path) -> Keymap:
    """The keymap of a file; an empty one where there is no file. Never raises."""
    try:
        with path.open("rb") as file:
            text = decode_text(file.read(_MAX_BYTES)).text
    except FileNotFoundError:
        return Keymap()
    except OSError as error:
        return Keymap({}, (KeymapProblem(N_("The file {file} cannot be read: {detail}."), _file(path, str(error))),))
    parsed = parse_toml(text)
    bad_lines = tuple(_bad_line(bad, path) for bad in parsed.bad_lines)
    wanted = parsed.values.get("keys", {})
    if not isinstance(wanted, dict):
        return Keymap({}, (KeymapProblem(N_("The file {file} cannot be read: {detail}."), _file(path, "[keys]")),))
    keymap = validate_keymap(wanted)
    return Keymap(keymap.keys, (*bad_lines, *keymap.problems))


def _bad_line(bad: BadTomlLine, path: Path) -> KeymapProblem:
    message_id = REPEATED_LINE if bad.repeated else UNREADABLE_LINE
    return KeymapProblem(message_id, {"line": str(bad.line), "origin": path.name, "text": bad.text})


def _file(path: Path, detail: str) -> dict[str, str]:
    return {"file": path.name, "detail": detail}


def validate_keymap(entries: Mapping[str, object]) -> Keymap:
    """The valid ones among these entries: known actions, keys that terminals send, and no key with two meanings."""
    problems: list[KeymapProblem] = []
    keys: dict[str, tuple[str, ...]] = {}
    for entry, value in entries.items():
        name = RENAMED_ACTIONS.get(entry, entry)
        wanted = [value] if isinstance(value, str) else value
        problem = _entry_problem(name, wanted)
        if problem:
            problems.append(problem)
        elif isinstance(wanted, list):
            keys[name] = tuple(normalize_key(str(key).strip()) for key in wanted)
    while conflict := next(key_conflicts(keys), None):
        keys = {name: chosen for name, chosen in keys.items() if name not in (conflict.first, conflict.second)}
        problems.append(conflict.problem())
    return Keymap(keys, tuple(problems))


def _entry_problem(name: str, keys: object) -> KeymapProblem | None:
    """What is wrong with one entry by itself."""
    known = [action.id for action in ACTIONS]
    if name not in known:
        import difflib  # noqa: PLC0415 - only who has misspelt something waits for it

        near = difflib.get_close_matches(name, known, 1)
        if near:
            text = N_("There is no action “{action}”; did you mean “{near}”?")
            return KeymapProblem(text, {"action": name, "near": near[0]})
        return KeymapProblem(N_("There is no action “{action}”."), {"action": name})
    if name in FIXED_ACTIONS:
        return KeymapProblem(N_("The keys of “{action}” cannot be changed."), {"action": name})
    if not isinstance(keys, list) or not keys:
        return KeymapProblem(N_('The keys of “{action}” must be a list, such as ["ctrl+l", "/"].'), {"action": name})
    return next((problem for key in keys if (problem := _key_problem(name, key))), None)


def _key_problem(name: str, key: object) -> KeymapProblem | None:
    """What is wrong with one key of an entry."""
    if not isinstance(key, str) or not _KEY.fullmatch(key.strip()):
        return KeymapProblem(N_("“{key}” is no key (of “{action}”)."), {"action": name, "key": str(key)})
    if normalize_key(key.strip()) in UNUSABLE_KEYS:
        return KeymapProblem(
            N_("Terminals send something else for “{key}” (of “{action}”)."), {"action": name, "key": key}
        )
    own = next(action.default_keys for action in ACTIONS if action.id == name)
    if normalize_key(key.strip()) in LIST_KEYS - {*own}:
        return KeymapProblem(N_("Lists use “{key}” themselves (of “{action}”)."), {"action": name, "key": key})
    return None


@dataclass(frozen=True, slots=True)
class KeyConflict:
    """One key that would do two things on one screen."""

    key: str
    first: str
    second: str
    scope: str

    def problem(self) -> KeymapProblem:
        """The conflict as a problem of the file."""
        text = N_("“{key}” would mean both “{first}” and “{second}” on the screen “{place}”; both keep their own keys.")
        return KeymapProblem(
            text,
            {"key": self.key, "first": self.first, "second": self.second, "place": value_label("place", self.scope)},
        )


def key_conflicts(keys: KeysByAction) -> Iterator[KeyConflict]:
    """Every key that would do two things on one screen, its own actions and those of every screen taken together."""
    for scope in scopes():
        seen: dict[str, Action] = {}
        for action in active_actions(scope):
            for key in keys_of(action, keys):
                other = seen.setdefault(key, action)
                if other.id != action.id:
                    yield KeyConflict(key, other.id, action.id, scope)
