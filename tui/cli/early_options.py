"""What must be known of a command line before it is parsed: the language of its errors, their form, and the log.

The parser's own answer comes later and is the one that counts for what a command does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from store.exceptions import GuanjiaError
from store.home.paths import resolve_home
from store.home.settings import load_settings
from tui.i18n.translate import LANGUAGES

GLOBAL_VALUE_OPTIONS = ("--home", "--lang")


class ArgumentPreview(NamedTuple):
    """A first look at a command line. ``command`` is None where only options were given; ``plain`` tells that those
    were none but a home and a language, each with a value."""

    command: str | None
    home: str | None
    language: str
    as_json: bool
    plain: bool

    @property
    def log(self) -> Path:
        """Where a traceback goes; nowhere that could be written, where there can be no such home."""
        try:
            return resolve_home(self.home).log
        except (RuntimeError, ValueError):
            return Path("/dev/null/guanjia.log")


def is_valid_path(text: str) -> bool:
    """Whether a file can be called so: not nothing, no NUL, and no ``~somebody`` who is not known here."""
    if text.startswith("~"):
        try:
            Path(text).expanduser()
        except RuntimeError:
            return False
    return bool(text) and "\0" not in text


def preview_arguments(arguments: Sequence[str]) -> ArgumentPreview:
    """A first look at a command line; never fails, whatever was typed."""
    given = list(_options(arguments))
    named = dict(given)
    command = next((value for name, value in given if name == "" and value), None)
    as_json = "--json" in named or "--ndjson" in named
    home, language = named.get("--home"), named.get("--lang")
    usable = (home is None or is_valid_path(home)) and language in (None, *LANGUAGES)
    plain = usable and all(name in GLOBAL_VALUE_OPTIONS and value for name, value in given)
    return ArgumentPreview(command, home, language or _configured_language(home), as_json, plain)


def _options(arguments: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Options with their values, and plain words under the name ``""``."""
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            yield argument, None
            return
        name, equals, value = argument.partition("=")
        if name in GLOBAL_VALUE_OPTIONS:
            yield name, value if equals else next(rest, None)
        elif argument.startswith("-"):
            yield argument, None
        else:
            yield "", argument


def _configured_language(home: str | None) -> str:
    """The language by environment, settings file or default."""
    try:
        return load_settings(resolve_home(home)).language
    except (GuanjiaError, OSError, RuntimeError, ValueError):
        return ""  # the settings' own trouble is told by the command that reads them
