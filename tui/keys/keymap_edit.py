"""Changes one entry of the keymap file, as the screen of keys does; what else stands in the file stays as it is.

A key that would be ignored is refused before anything is written (``tui/keys/keymap.py`` judges), with the same
sentence that the file's own mistakes get.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from store.exceptions import GuanjiaError
from store.home.paths import write_private
from store.values.text_files import decode_text
from store.values.toml_files import parse_toml, replace_statement
from tui.keys.keymap import RENAMED_ACTIONS, Keymap, read_keymap, validate_keymap

TABLE = "keys"


class KeyRefused(GuanjiaError):
    """A key cannot be given to an action; ``detail`` is the sentence that says why."""

    code = "key_refused"
    what = "{detail}"
    data = "The keys stay as they were."
    remedy = "Press another key, or esc."


class KeymapNotChanged(GuanjiaError):
    """The keymap file is written in a way that one entry of it cannot be changed alone."""

    code = "keymap_not_changed"
    what = "The file {file} is written in a way that this screen cannot change."
    data = "The file stays as it was, and so do the keys."
    remedy = "Change it by hand, or move it away and set the keys anew."


def change_keys(path: Path, action: str, keys: Sequence[str] | None) -> Keymap:
    """Give an action these keys, or with None those of the action table; returns the keymap that the file has now.
    Raises `KeyRefused`, `KeymapNotChanged`, or `OSError`; then the file is as it was."""
    present = read_keymap(path)
    wanted = {name: list(chosen) for name, chosen in present.keys.items() if name != action}
    if keys is not None:
        judged = validate_keymap({**wanted, action: list(keys)})
        if judged.problems:
            raise KeyRefused(detail=judged.problems[0].message())
        wanted[action] = list(judged.keys[action])
    line = f"{action} = {json.dumps(wanted[action], ensure_ascii=False)}" if keys is not None else ""
    text = decode_text(path.read_bytes()).text if path.exists() else ""
    for former in (name for name, present_name in RENAMED_ACTIONS.items() if present_name == action):
        text = replace_statement(text, former, "", TABLE)
    changed = replace_statement(text, action, line, TABLE)
    written = parse_toml(changed).values.get(TABLE, {})
    if (written.get(action) if isinstance(written, dict) else None) != wanted.get(action):
        raise KeymapNotChanged(file=path.name)
    write_private(path, changed.encode())
    return read_keymap(path)
