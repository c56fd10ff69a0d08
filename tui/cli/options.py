"""The options that two parsers read, in one table: click, and the fast paths that must not load click.

`SHARED_OPTIONS` stand before or after any command; `FIND_OPTIONS` are those of ``guanjia find``. The click options are
made from this table (``groups.py``, ``commands/find.py``), and `scan_options` reads it without click: for the language
and form of errors before anything is parsed, and for ``guanjia find``. Imports nothing that is slow to load.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from store.exceptions import GuanjiaError
from store.home.paths import resolve_home
from store.home.settings import load_settings
from tui.i18n.translate import LANGUAGES, N_

DEFAULT_FIND_LIMIT, MAX_FIND_LIMIT = 20, 100_000


class OptionSpec(NamedTuple):
    """An option: its spelling, the name its value goes by, its help, and whether a value is plainly valid; None where
    it takes no value. A value that is not plainly valid is left to click, which says why."""

    flag: str
    name: str
    help: str
    is_plain: Callable[[str], bool] | None = None


def is_valid_path(text: str) -> bool:
    """Whether a file can be called so: not empty, no NUL, no ``~user`` who is unknown here."""
    if text.startswith("~"):
        try:
            Path(text).expanduser()
        except RuntimeError:
            return False
    return bool(text) and "\0" not in text


def _is_language(text: str) -> bool:
    return text in LANGUAGES


def _is_state(text: str) -> bool:
    from store.domain.issue_lifecycle import STATES

    return text in STATES


def _is_find_limit(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) <= MAX_FIND_LIMIT


def _is_any_text(_text: str) -> bool:
    return True


SHARED_OPTIONS = (
    OptionSpec("--home", "home", N_("The home to use: one person on one device."), is_valid_path),
    OptionSpec("--json", "json", N_("Print data as one JSON value.")),
    OptionSpec("--ndjson", "ndjson", N_("Print data as one JSON value a line.")),
    OptionSpec("--lang", "language", N_("The language of texts: zh or en."), _is_language),
)
FIND_OPTIONS = (
    OptionSpec("--kind", "kind", N_("Only this kind of line."), str.isascii),
    OptionSpec("--department", "department", N_("Only issues of this department."), _is_any_text),
    OptionSpec("--state", "state", N_("Only issues in this state."), _is_state),
    OptionSpec("--limit", "limit", N_("At most so many."), _is_find_limit),
)
_SHARED_WITH_VALUE = frozenset(spec.flag for spec in SHARED_OPTIONS if spec.is_plain is not None)


def scan_options(arguments: Sequence[str], with_value: Collection[str]) -> Iterator[tuple[str, str | None]]:
    """The options of a command line with their values, and plain words under the name ``""``. ``with_value`` are the
    options that take a value; a value that is missing is None. Nothing after ``--`` is read. Never fails."""
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            yield argument, None
            return
        name, equals, value = argument.partition("=")
        if name in with_value:
            yield name, value if equals else next(rest, None)
        elif argument.startswith("-"):
            yield argument, None
        else:
            yield "", argument


class ArgumentPreview(NamedTuple):
    """What the shared options of a command line say before it is parsed: the language and form of its errors, the
    home, the command (None where only options were typed), and whether it only opens the screens (``only_shared``: no
    more than a home and a language, each valid). For what a command does, the parser's own answer counts."""

    command: str | None
    home: str | None
    language: str
    as_json: bool
    only_shared: bool

    @property
    def log(self) -> Path:
        """Where a traceback goes; a path that cannot be written, where there can be no such home."""
        try:
            return resolve_home(self.home).log
        except (RuntimeError, ValueError, OSError):
            return Path("/dev/null/guanjia.log")


def preview_arguments(arguments: Sequence[str]) -> ArgumentPreview:
    """The preview of a command line; never fails, whatever was typed."""
    pairs = list(scan_options(arguments, _SHARED_WITH_VALUE))
    values = dict(pairs)
    command = next((value for name, value in pairs if name == "" and value), None)
    home, language = values.get("--home"), values.get("--lang")
    valid = (home is None or is_valid_path(home)) and language in (None, *LANGUAGES)
    only_shared = valid and all(name in _SHARED_WITH_VALUE and value for name, value in pairs)
    as_json = "--json" in values or "--ndjson" in values
    return ArgumentPreview(command, home, language or _configured_language(home), as_json, only_shared)


def is_console_without_chinese(environ: Mapping[str, str] = os.environ, is_terminal: bool | None = None) -> bool:
    """Whether people look at the Linux console itself, whose fonts have no Chinese characters (fbterm, kmscon and
    terminals of desktops have other names)."""
    if environ.get("TERM") != "linux":
        return False
    return (sys.stderr is not None and sys.stderr.isatty()) if is_terminal is None else is_terminal


def _configured_language(home: str | None) -> str:
    """The language by environment, settings file or default; English where the console cannot show the default."""
    try:
        settings = load_settings(resolve_home(home))
        is_chosen = settings.origins["language"] != "default"
        return "en" if not is_chosen and is_console_without_chinese() else settings.language
    except (GuanjiaError, OSError, RuntimeError, ValueError):
        return ""  # a command that reads the settings reports what is wrong with them
