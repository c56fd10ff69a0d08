"""Update and check the catalogs: Babel's extract, update and compile, with one extractor of our own.

    python -m tui.i18n.extract          update the .po files and compile the .mo files
    python -m tui.i18n.extract --check  print what is untranslated, obsolete or stale; exit 1 if anything is

``[tool.babel]`` in ``pyproject.toml`` names the extractor, `extract_python`. To the calls of ``_``, ``N_``,
``ngettext`` and ``pgettext`` it adds the texts of exception classes, the texts that tables of the store declare
(``tui/i18n/declared_texts.py``), and the stored values that ``tui/i18n/labels.py`` and the models declare. The ``.mo``
files are committed, so that an installation from a clone needs no build step.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import chdir
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Literal, get_args, get_origin

from babel.messages import extract
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from store.ledger.kinds import Kind, kinds
from tui.i18n.declared_texts import declared_texts
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import DOMAIN, LANGUAGES, LOCALE

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("store", "sync", "tui")
ERROR_TEXT_ATTRIBUTES = ("what", "data", "remedy")
ExtractedText = tuple[object, ...]
"""What Babel expects of an extractor: line, name of the gettext function or None, its arguments, comments."""

# ── the extractor ───────────────────────────────────────────────────────────────────────────────────────────────────


def extract_python(
    file: BinaryIO,
    keywords: Mapping[str, extract._Keyword | None],
    comment_tags: Collection[str],
    options: Mapping[str, str],
) -> Iterator[ExtractedText]:
    """Every text of a Python file that people may read. Babel calls this for each file of the packages."""
    yield from extract.extract_python(file, keywords, comment_tags, {})
    file.seek(0)
    yield from ((line, None, text, []) for text, line in _error_texts_in(file.read()))
    path = Path(file.name).resolve()
    place = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
    for family, value in _stored_values_by_file().get(place, ()):
        yield 1, "pgettext", (family, value), []
    yield from ((1, None, text, []) for text in _declared_texts_by_file().get(place, ()))


def _error_texts_in(source: bytes) -> Iterator[tuple[str, int]]:
    """The texts that a module's exception classes have as class attributes, each with its line."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            for statement in node.body:
                yield from _error_text(statement)


def _error_text(statement: ast.stmt) -> Iterator[tuple[str, int]]:
    if not isinstance(statement, ast.Assign | ast.AnnAssign):
        return
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    value = statement.value
    named = isinstance(target, ast.Name) and target.id in ERROR_TEXT_ATTRIBUTES
    if named and isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
        yield value.value, statement.lineno


def stored_values() -> Iterator[tuple[str, str, str]]:
    """Family, value and source file of every stored value that has a label."""
    for family, values in FAMILIES.items():
        yield from ((family, value, "tui/i18n/labels.py") for value in values)
    for kind in kinds().values():
        source = kind.model.__module__.replace(".", "/") + ".py"
        yield "kind", kind.name, source
        for field in kind.fields:
            yield "field", field, source
            yield from ((f"{kind.name}.{field}", value, source) for value in _choices(kind, field))


@functools.cache
def _stored_values_by_file() -> Mapping[str, list[tuple[str, str]]]:
    by_file: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for family, value, source in stored_values():
        by_file[source].append((family, value))
    return by_file


@functools.cache
def _declared_texts_by_file() -> Mapping[str, list[str]]:
    by_file: defaultdict[str, list[str]] = defaultdict(list)
    for text, source in declared_texts():
        by_file[source].append(text)
    return by_file


def _choices(kind: Kind, field: str) -> tuple[str, ...]:
    annotation = kind.model.model_fields[field].annotation
    nested = (annotation, *get_args(annotation))
    return tuple(str(value) for part in nested if get_origin(part) is Literal for value in get_args(part))


# ── Babel's commands ────────────────────────────────────────────────────────────────────────────────────────────────


def extract_messages() -> Catalog:
    """Every message that people may read, each with the files that it comes from, sorted by context and text."""
    with TemporaryDirectory() as folder, chdir(ROOT):  # the files are named relative to the root
        template = Path(folder) / f"{DOMAIN}.pot"
        _run_babel(
            "extract", "--mapping-file=pyproject.toml", f"--output-file={template}", "--keywords=N_",
            "--add-location=file", *PACKAGES,
        )  # fmt: skip
        extracted = read_po(BytesIO(template.read_bytes()))
    messages = Catalog(project="guanjia", version="1")
    for message in sorted((message for message in extracted if message.id), key=_order):
        places = sorted({(path, line) for path, line in message.locations})
        messages.add(message.id, locations=places, context=message.context)
    return messages


def _order(message: Message) -> tuple[str, str]:
    return message.context or "", _first_id(message)


def update_catalog(language: str, messages: Catalog, locale: Path = LOCALE) -> None:
    """Update a language's ``.po`` file and compile it: new messages are added untranslated, obsolete ones dropped."""
    files = (f"--domain={DOMAIN}", f"--locale={language}")
    with TemporaryDirectory() as folder:
        template = Path(folder) / f"{DOMAIN}.pot"
        with template.open("wb") as file:
            write_po(file, messages)
        _run_babel(
            "update", *files, f"--input-file={template}", f"--output-dir={locale}", "--init-missing", "--no-wrap",
            "--ignore-obsolete", "--no-fuzzy-matching", "--ignore-pot-creation-date",
        )  # fmt: skip
    _run_babel("compile", *files, f"--directory={locale}")


def _run_babel(*arguments: str) -> None:
    run: Callable[[list[str]], None] = CommandLineInterface().run
    run(["pybabel", "--quiet", *arguments])


# ── the check ───────────────────────────────────────────────────────────────────────────────────────────────────────


def po_path(language: str, locale: Path = LOCALE) -> Path:
    """The ``.po`` file of a language."""
    return locale / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalog(language: str, locale: Path = LOCALE) -> Catalog:
    """A language's catalog as it is on the disk."""
    with po_path(language, locale).open("rb") as file:
        return read_po(file, locale=language)


def find_problems(language: str, messages: Catalog, locale: Path = LOCALE) -> list[str]:
    """The problems of a language's files: messages without a translation, obsolete messages, a stale ``.mo``."""
    catalog, problems = read_catalog(language, locale), []
    for message in messages:
        known = catalog.get(_first_id(message), message.context) if message.id else None
        needs_translation = language != "en" or message.context is not None or message.pluralizable
        if message.id and (known is None or (needs_translation and not _is_translated(known))):
            context = f"{message.context} " if message.context else ""
            problems.append(f"{language}: no words for {context}{_first_id(message)!r}")
    for message in catalog:
        if message.id and messages.get(_first_id(message), message.context) is None:
            problems.append(f"{language}: nothing uses {_first_id(message)!r}")
    compiled = BytesIO()
    write_mo(compiled, catalog)
    if po_path(language, locale).with_suffix(".mo").read_bytes() != compiled.getvalue():
        problems.append(f"{language}: the .mo file is stale")
    return problems


def _first_id(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _is_translated(message: Message) -> bool:
    return bool(message.string) if isinstance(message.string, str) else all(message.string or [None])


def main(arguments: list[str]) -> int:
    """Update, or only check, the catalogs of all languages. Returns the exit code."""
    messages = extract_messages()
    if "--check" not in arguments:
        for language in LANGUAGES:
            update_catalog(language, messages)
    problems = [problem for language in LANGUAGES for problem in find_problems(language, messages)]
    print("\n".join(problems) or "All texts have their words.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
