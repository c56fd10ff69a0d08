"""``guanjia find`` without click: the lookup is typed more than anything else, so it starts as fast as can be.

`find` reads the usual command line itself; whatever else is typed (``--help``, a slip of the pen) is left to click,
whose command (``finding.py``) calls the same `look_up`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple
from unicodedata import east_asian_width

from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.home.credentials import open_credentials
from store.home.paths import require_home, resolve_home
from store.home.settings import Settings, load_settings
from store.ledger.hlc import system_clock_ms
from store.search.ranking import SearchHit
from store.search.session import filter_for
from store.search.session import search_lines as search
from store.values.text import sanitize
from store.values.times import district_time
from store.writer.upgrade import open_store
from tui.cli.early_options import is_valid_path
from tui.i18n import translate
from tui.i18n.translate import _, value_label

DEFAULT_LIMIT = 20
KEYS = (
    "kind", "id", "project", "project_name", "number", "title", "snippet", "state", "light", "when", "root", "score",
)  # fmt: skip
"""What a hit's JSON holds."""
VALUE_OPTIONS = {
    "--home": "home", "--lang": "language", "--kind": "kind", "--department": "department", "--state": "state",
    "--limit": "limit",
}  # fmt: skip
FORMAT_FLAGS = {"--json": "json", "--ndjson": "ndjson"}


class FindOptions(NamedTuple):
    """What is looked up, and how it is printed."""

    text: str = ""
    home: str | None = None
    language: str | None = None
    form: str = "text"
    kind: str | None = None
    department: str | None = None
    state: str | None = None
    limit: str | int = DEFAULT_LIMIT


def find(arguments: Sequence[str]) -> int | None:
    """Look up what an ordinary command line asks for; gives the exit code, or None where click should have a look."""
    asked = parse_options(arguments)
    if asked is None:
        return None
    if asked.language:
        translate.set_language(asked.language)
    return run_find(asked)


def parse_options(arguments: Sequence[str]) -> FindOptions | None:
    """The question in a command line; None when there is anything about it that is not quite usual."""
    given: dict[str, Any] = {}
    spoken: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        if name in VALUE_OPTIONS:
            text = value if equals else next(rest, None)
            if text is None or not _is_plain_value(name, text):
                return None
            given[VALUE_OPTIONS[name]] = text
        elif argument in FORMAT_FLAGS:
            given["form"] = FORMAT_FLAGS[argument]
        elif argument.startswith("-"):
            return None
        else:
            spoken.append(argument)
    if len(spoken) < 2 or spoken[0] != "find":
        return None
    return FindOptions(text=" ".join(spoken[1:]), **given)


def _is_plain_value(name: str, value: str) -> bool:
    if name == "--limit":
        return value.isascii() and value.isdigit() and 0 < int(value) < 100_000
    if name == "--home":
        return is_valid_path(value)
    if name == "--lang":
        return value in translate.LANGUAGES
    return name != "--state" or value in import_module("store.domain.issue_lifecycle").STATES


def run_find(options: FindOptions) -> int | None:
    """Find and print; exit 0 whether anything was found or not. None, and nothing printed, for a kind that there is
    not: the kinds are only loaded to tell when nothing was found."""
    home = require_home(resolve_home(options.home))
    settings = load_settings(home)
    database = open_store(home.database, open_credentials(home, settings.credentials).key())
    try:
        with database.read() as connection:
            hits = _hits(connection, options, settings)
    finally:
        database.close()
    if not hits and options.kind is not None and options.kind not in import_module("store.ledger.kinds").kinds():
        return None
    _print(hits, options.form)
    return 0


def _hits(connection: Connection, options: FindOptions, settings: Settings) -> list[SearchHit]:
    department = options.department
    if department is not None:
        department = import_module("tui.cli.name_lookup").find_one(connection, "unit", department)
    offset = settings.test_clock_offset_ms + read_device_facts(connection).offset_ms
    return search(
        connection,
        sanitize(options.text),
        value_label,
        filters=filter_for(options.kind, department, options.state),
        limit=int(options.limit),
        today=district_time(system_clock_ms() + offset).date(),
    )


def _print(hits: list[SearchHit], form: str) -> None:
    if form == "text":
        _show(hits)
        return
    values = [{key: getattr(hit, key) for key in KEYS} for hit in hits]
    lines = [_json(values)] if form == "json" else [_json(value) for value in values]
    sys.stdout.flush()
    sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _show(hits: list[SearchHit]) -> None:
    """Two lines a hit: what it is, and where it was found."""
    if not hits:
        print(_("Nothing was found."), file=sys.stderr)
    kinds = [value_label("kind", hit.kind) for hit in hits]
    width = max(map(_width, kinds), default=0)
    for kind, hit in zip(kinds, hits, strict=True):
        print(kind + " " * (width - _width(kind)) + "  " + _headline(hit))
        below = _second_line(hit)
        if below:
            print(" " * (width + 2) + below)


def _headline(hit: SearchHit) -> str:
    fate = [value_label("state", hit.state) if hit.state else "", value_label("light", hit.light) if hit.light else ""]
    parts = (hit.number, hit.title, *fate, (hit.when or "")[:16].replace("T", " "))
    return sanitize("  ".join(part for part in parts if part)).replace("\n", " ")


def _second_line(hit: SearchHit) -> str:
    parts = (hit.project_name if hit.kind != "project" else None, hit.snippet if hit.snippet != hit.title else None)
    return sanitize(" · ".join(part for part in parts if part)).replace("\n", " ")


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
