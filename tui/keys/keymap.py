"""The keymap file: which keys a person wants instead of the action table's, read before the first screen is made.

``keys.toml`` in the home has a table ``[keys]``: an action's name, and its keys as a list. Whatever in it cannot be
obeyed is told, and the table's own keys stand for that action: nobody is locked out by a slip in a file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tui.i18n.translate import N_, _, word
from tui.keys.actions import ACTIONS, DEAD_KEYS, LIST_KEYS, Action, Keys, character_key, keys_of, places, reachable

FIXED = frozenset({"destroy", "drop", "discard", "agree", "choose", "apply", "open", "save", "back"})
"""Actions whose keys cannot be changed: what destroys has a key of its own, and enter and escape mean one thing."""
_KEY = re.compile(r"(ctrl\+|shift\+|alt\+)*([a-z0-9_]+|\S)", re.IGNORECASE)
_MOST_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Problem:
    """What in the file is not obeyed: ``text`` is a message id, filled with ``values``."""

    text: str
    values: Mapping[str, str]

    def told(self) -> str:
        """The sentence."""
        return _(self.text).format(**self.values)


@dataclass(frozen=True, slots=True)
class Keymap:
    """What a keymap file asks for and can have: keys by action, and what was wrong with the rest."""

    keys: Keys = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read_keymap(path: Path) -> Keymap:
    """The keymap that a file describes; an empty one where there is no file. Never raises."""
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES).decode()
        wanted = tomllib.loads(text).get("keys", {})
    except FileNotFoundError:
        return Keymap()
    except (OSError, ValueError) as error:
        return Keymap({}, (Problem(N_("The file {file} cannot be read: {detail}."), _file(path, str(error))),))
    if not isinstance(wanted, dict):
        return Keymap({}, (Problem(N_("The file {file} cannot be read: {detail}."), _file(path, "[keys]")),))
    return checked(wanted)


def _file(path: Path, detail: str) -> dict[str, str]:
    return {"file": path.name, "detail": detail}


def checked(wanted: Mapping[str, object]) -> Keymap:
    """What of these wishes can be had: known actions, keys that terminals send, and no key with two meanings."""
    problems: list[Problem] = []
    keys: dict[str, tuple[str, ...]] = {}
    for name, value in wanted.items():
        given = [value] if isinstance(value, str) else value
        problem = _wrong(name, given)
        if problem:
            problems.append(problem)
        elif isinstance(given, list):
            keys[name] = tuple(character_key(str(key).strip()) for key in given)
    while clash := next(conflicts(keys), None):
        keys = {name: found for name, found in keys.items() if name not in (clash.first, clash.second)}
        problems.append(clash.problem())
    return Keymap(keys, tuple(problems))


def _wrong(name: str, given: object) -> Problem | None:
    """What is wrong with one entry, looked at alone."""
    known = [action.id for action in ACTIONS]
    if name not in known:
        import difflib  # noqa: PLC0415 - only who has misspelt something waits for it

        near = difflib.get_close_matches(name, known, 1)
        if near:
            said = N_("There is no action “{action}”; did you mean “{near}”?")
            return Problem(said, {"action": name, "near": near[0]})
        return Problem(N_("There is no action “{action}”."), {"action": name})
    if name in FIXED:
        return Problem(N_("The keys of “{action}” cannot be changed."), {"action": name})
    if not isinstance(given, list) or not given:
        return Problem(N_('The keys of “{action}” must be a list, such as ["ctrl+l", "/"].'), {"action": name})
    return next((problem for key in given if (problem := _wrong_key(name, key))), None)


def _wrong_key(name: str, key: object) -> Problem | None:
    """What is wrong with one key that an action is to have."""
    if not isinstance(key, str) or not _KEY.fullmatch(key.strip()):
        return Problem(N_("“{key}” is no key (of “{action}”)."), {"action": name, "key": str(key)})
    if character_key(key.strip()) in DEAD_KEYS:
        return Problem(N_("Terminals send something else for “{key}” (of “{action}”)."), {"action": name, "key": key})
    own = next(action.own_keys for action in ACTIONS if action.id == name)
    if character_key(key.strip()) in LIST_KEYS - {*own}:
        return Problem(N_("Lists use “{key}” themselves (of “{action}”)."), {"action": name, "key": key})
    return None


@dataclass(frozen=True, slots=True)
class Clash:
    """One key that would do two things on one screen."""

    key: str
    first: str
    second: str
    place: str

    def problem(self) -> Problem:
        """The clash in a sentence."""
        said = N_("“{key}” would mean both “{first}” and “{second}” on the screen “{place}”; both keep their own keys.")
        return Problem(
            said, {"key": self.key, "first": self.first, "second": self.second, "place": word("place", self.place)}
        )


def conflicts(keys: Keys) -> Iterator[Clash]:
    """Every key that would do two things on one screen, its own actions and those of everywhere taken together."""
    for place in places():
        seen: dict[str, Action] = {}
        for action in reachable(place):
            for key in keys_of(action, keys):
                other = seen.setdefault(key, action)
                if other.id != action.id:
                    yield Clash(key, other.id, action.id, place)
