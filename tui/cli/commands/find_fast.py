"""``guanjia find`` without click: the lookup is the most typed command, so it must start fast.

`find` reads the usual command line itself, by the table of options that click uses too (``tui/cli/options.py``);
everything else (``--help``, wrong usage) is left to click, whose command (``find.py``) calls the same `run_find`.
Imports nothing of sync, and no click, pydantic, SQLAlchemy or Textual.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import NamedTuple
from unicodedata import east_asian_width

from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.home.credentials import open_credentials
from store.home.paths import require_home, resolve_home
from store.home.settings import Settings, load_settings
from store.ledger.hlc import system_clock_ms
from store.search.ranking import SearchHit
from store.search.session import filter_for, search_lines
from store.values.text import escape_json, sanitize
from store.values.times import district_time
from store.writer.upgrade import open_store
from tui.cli.options import DEFAULT_FIND_LIMIT, FIND_OPTIONS, SHARED_OPTIONS, scan_options
from tui.cli.pin_prompt import unlock
from tui.i18n import translate
from tui.i18n.translate import _, value_label

KEYS = (
    "kind", "id", "project", "project_name", "number", "title", "snippet", "state", "light", "when", "root", "score",
)  # fmt: skip
"""The keys of a hit as JSON."""
_OPTIONS = {spec.flag: spec for spec in (*SHARED_OPTIONS, *FIND_OPTIONS)}
_WITH_VALUE = frozenset(flag for flag, spec in _OPTIONS.items() if spec.is_plain is not None)


class FindOptions(NamedTuple):
    """What is looked up, in which home, and how it is printed (``text``, ``json`` or ``ndjson``)."""

    text: str = ""
    home: str | None = None
    language: str | None = None
    output_format: str = "text"
    kind: str | None = None
    department: str | None = None
    state: str | None = None
    limit: str | int = DEFAULT_FIND_LIMIT


def find(arguments: Sequence[str]) -> int | None:
    """Look up what an ordinary command line asks for; gives the exit code, or None where click has to parse it."""
    options = parse_options(arguments)
    if options is None:
        return None
    if options.language:
        translate.set_language(options.language)
    return run_find(options)


def parse_options(arguments: Sequence[str]) -> FindOptions | None:
    """The options in a command line; None where anything in it is unusual: an unknown option, a value that is missing
    or not plainly valid."""
    values: dict[str, str] = {}
    words: list[str] = []
    for flag, value in scan_options(arguments, _WITH_VALUE):
        if flag == "":
            words.append(value or "")
            continue
        spec = _OPTIONS.get(flag)
        if spec is None:
            return None
        if spec.is_plain is None:
            values["output_format"] = spec.name
        elif value is None or not spec.is_plain(value):
            return None
        else:
            values[spec.name] = value
    if len(words) < 2 or words[0] != "find":
        return None
    return FindOptions(text=" ".join(words[1:]))._replace(**values)


def run_find(options: FindOptions) -> int | None:
    """Find and print; gives exit code 0 whether anything was found or not. Gives None, and prints nothing, for an
    unknown kind: the kinds are loaded only where nothing was found."""
    home = require_home(resolve_home(options.home))
    settings = load_settings(home)
    credentials = open_credentials(home, settings.credentials)
    unlock(home, credentials)
    database = open_store(home.database, credentials.key())
    try:
        with database.read() as connection:
            hits = _hits(connection, options, settings)
    finally:
        database.close()
    if not hits and options.kind is not None and not _is_kind(options.kind):
        return None
    _print(hits, options.output_format)
    return 0


def _is_kind(name: str) -> bool:
    from store.ledger.kinds import kinds

    return name in kinds()


def _hits(connection: Connection, options: FindOptions, settings: Settings) -> list[SearchHit]:
    department = options.department
    if department is not None:
        from tui.cli.name_lookup import find_one

        department = find_one(connection, "unit", department)
    offset = settings.test_clock_offset_ms + read_device_facts(connection).offset_ms
    return search_lines(
        connection,
        sanitize(options.text),
        value_label,
        filters=filter_for(options.kind, department, options.state),
        limit=int(options.limit),
        now=district_time(system_clock_ms() + offset),
    )


def _print(hits: list[SearchHit], output_format: str) -> None:
    if output_format == "text":
        _show(hits)
        return
    values = [{key: getattr(hit, key) for key in KEYS} for hit in hits]
    lines = [_json(values)] if output_format == "json" else [_json(value) for value in values]
    sys.stdout.flush()
    sys.stdout.buffer.write("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))


def _json(value: object) -> str:
    return escape_json(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _show(hits: list[SearchHit]) -> None:
    """Print two lines a hit: what it is, and where the text matched."""
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
    state = [value_label("state", hit.state) if hit.state else "", value_label("light", hit.light) if hit.light else ""]
    parts = (hit.number, hit.title, *state, (hit.when or "")[:16].replace("T", " "))
    return sanitize("  ".join(part for part in parts if part)).replace("\n", " ")


def _second_line(hit: SearchHit) -> str:
    parts = (hit.project_name if hit.kind != "project" else None, hit.snippet if hit.snippet != hit.title else None)
    return sanitize(" · ".join(part for part in parts if part)).replace("\n", " ")


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
