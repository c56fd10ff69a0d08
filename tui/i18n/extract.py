"""Keeps the catalogs: collects every text that people see, updates the ``.po`` files, compiles the ``.mo`` files.

    python -m tui.i18n.extract          update and compile
    python -m tui.i18n.extract --check  print what is untranslated, obsolete or stale; exit 1 if anything is

Texts come from three places: calls of the functions of ``tui/i18n/translate.py``, the ``what``, ``data`` and
``remedy`` of
exception classes, and stored values (``tui/i18n/labels.py`` and the models). The ``.mo`` files are committed, so that
an installation from a clone needs no build step; a test compares them with the ``.po`` files.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Literal, get_args, get_origin

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from store.ledger.kinds import Kind, kinds
from tui.i18n.labels import FAMILIES
from tui.i18n.translate import DOMAIN, LANGUAGES, LOCALE

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("store", "sync", "tui")
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
ERROR_TEXT_ATTRIBUTES = ("what", "data", "remedy")
_EPOCH = datetime(2019, 4, 15, tzinfo=UTC)


def extract_messages() -> Catalog:
    """Every message that people may see, each with where it comes from."""
    catalog = Catalog(project="guanjia", charset="utf-8")
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        for line, message, _comments, context in extract_from_file("python", path, KEYWORDS):
            catalog.add(message, locations=[(place, line)], context=context)
        for sentence, line in _error_texts_in(path):
            catalog.add(sentence, locations=[(place, line)])
    for family, value, place in stored_values():
        catalog.add(value, locations=[(place, 1)], context=family)
    return catalog


def _error_texts_in(path: Path) -> Iterator[tuple[str, int]]:
    """The texts that exception classes carry as class attributes. Read from the source: nothing is imported."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            yield from (found for statement in node.body for found in _error_text(statement))


def _error_text(statement: ast.stmt) -> Iterator[tuple[str, int]]:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
    value = getattr(statement, "value", None)
    named = isinstance(target, ast.Name) and target.id in ERROR_TEXT_ATTRIBUTES
    if named and isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
        yield value.value, statement.lineno


def stored_values() -> Iterator[tuple[str, str, str]]:
    """Family, value and source file of every stored value that is shown as a word."""
    for family, values in FAMILIES.items():
        yield from ((family, value, "tui/i18n/labels.py") for value in values)
    for kind in kinds().values():
        place = kind.model.__module__.replace(".", "/") + ".py"
        yield "kind", kind.name, place
        for field in kind.fields:
            yield "field", field, place
            yield from ((f"{kind.name}.{field}", value, place) for value in _choices(kind, field))


def _choices(kind: Kind, field: str) -> tuple[str, ...]:
    annotation = kind.model.model_fields[field].annotation
    nested = (annotation, *get_args(annotation))
    return tuple(str(value) for part in nested if get_origin(part) is Literal for value in get_args(part))


def po_path(language: str) -> Path:
    """Where a language's texts are."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalog(language: str) -> Catalog:
    """A language's catalog as it is on the disk; an empty one where there is none yet."""
    path = po_path(language)
    if not path.exists():
        return _empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _empty(language: str) -> Catalog:
    """A catalog whose header never changes by itself, so that a diff shows words and nothing else."""
    return Catalog(
        locale=language,
        header_comment=f"# Words of guanjia: {language}. Updated by: python -m tui.i18n.extract",
        project="guanjia",
        version="1",
        msgid_bugs_address="guanjia",
        last_translator="guanjia",
        language_team=language,
        creation_date=_EPOCH,
        revision_date=_EPOCH,
        fuzzy=False,
    )


def compile_mo(catalog: Catalog) -> bytes:
    """The ``.mo`` bytes of a catalog."""
    buffer = BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def update_catalog(language: str, messages: Catalog) -> None:
    """Bring a language's two files up to date: new ids are added untranslated, those gone are dropped."""
    old, new = read_catalog(language), _empty(language)
    for message in sorted((m for m in messages if m.id), key=_order):
        known = old.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
        text = known.string if known else ""
        places = sorted({place for place, _line in message.locations})
        new.add(message.id, text, locations=[(place, 0) for place in places], context=message.context)
    path = po_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, new, width=0, include_lineno=False)
    path.with_suffix(".mo").write_bytes(compile_mo(read_catalog(language)))


def _order(message: Message) -> tuple[str, str]:
    first = message.id if isinstance(message.id, str) else message.id[0]
    return message.context or "", first


def find_problems(language: str, messages: Catalog) -> list[str]:
    """What is wrong with a language's files: ids without words, ids that nothing uses, a stale ``.mo``."""
    catalog, found = read_catalog(language), []
    for message in messages:
        first = message.id if isinstance(message.id, str) else message.id[0]
        known = catalog.get(first, message.context) if first else None
        needs_words = language != "en" or message.context is not None or message.pluralizable
        if first and (known is None or (needs_words and not _is_translated(known))):
            found.append(f"{language}: no words for {message.context or ''} {first!r}".replace("  ", " "))
    for message in catalog:
        first = message.id if isinstance(message.id, str) else message.id[0]
        if first and messages.get(first, message.context) is None:
            found.append(f"{language}: nothing uses {first!r}")
    if po_path(language).with_suffix(".mo").read_bytes() != compile_mo(catalog):
        found.append(f"{language}: the .mo file is stale")
    return found


def _is_translated(message: Message) -> bool:
    return bool(message.string) if isinstance(message.string, str) else all(message.string or [None])


def main(arguments: list[str]) -> int:
    """Update, or check, all languages."""
    wanted = extract_messages()
    for language in LANGUAGES:
        if "--check" not in arguments:
            update_catalog(language, wanted)
    found = [complaint for language in LANGUAGES for complaint in find_problems(language, wanted)]
    print("\n".join(found) or "All texts have their words.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
