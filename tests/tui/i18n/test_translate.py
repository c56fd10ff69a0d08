"""The catalogs: every text is translated, no translation is obsolete, and the compiled files are up to date."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from store.exceptions import HomeNotFound
from tui.i18n import extract, translate
from tui.i18n.translate import LANGUAGES, _, error_text, ngettext, value_label

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def wanted() -> Catalog:
    """All messages of the source."""
    return extract.extract_messages()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str, wanted: Catalog) -> None:
    """No text is untranslated, no translation is obsolete, and the compiled file equals its source."""
    assert extract.find_problems(language, wanted) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_places_of_their_texts(language: str) -> None:
    """A translation has the same ``{places}`` as its text, or it could not be filled."""
    for message in extract.read_catalog(language):
        ids = (message.id,) if isinstance(message.id, str) else message.id
        strings = (message.string,) if isinstance(message.string, str) else message.string or ()
        places = {place for text in ids for place in _places(text)}
        for text in strings:
            assert not text or _places(text) <= places, message.id


def _places(text: str) -> set[str]:
    return {part.partition("}")[0] for part in text.split("{")[1:] if "}" in part}


def test_no_text_is_translated_inside_an_f_string() -> None:
    """The extractor cannot read inside f-strings on every Python, so none may contain a text."""
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in (ROOT / "tui").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("_", "N_", "ngettext", "pgettext")
        if isinstance(call.args[0], ast.Constant)
    ]
    assert found == []


def test_the_extractor_finds_all_three_kinds_of_text(wanted: Catalog) -> None:
    """Calls, texts of exceptions of every package, and stored values are all extracted."""
    assert wanted.get("Log a visit") is not None
    assert wanted.get("The disk is full.") is not None
    assert wanted.get("This device has not joined a central.") is not None
    assert wanted.get("in_progress", "state") is not None
    assert wanted.get("wechat", "visit.how") is not None


def test_problems_name_what_is_missing_and_what_is_obsolete(tmp_path: Path) -> None:
    """An untranslated text, an obsolete one and a stale compiled file are each reported."""
    before = Catalog(locale="zh")
    before.add("Old words")
    extract.update_catalog("zh", before, tmp_path)
    after = Catalog(locale="zh")
    after.add("New words")
    extract.po_path("zh", tmp_path).with_suffix(".mo").write_bytes(b"stale")
    problems = "\n".join(extract.find_problems("zh", after, tmp_path))
    assert "New words" in problems
    assert "Old words" in problems
    assert "stale" in problems


def test_translations_follow_the_language() -> None:
    """A message is translated into the current language; an unknown language is the default."""
    translate.set_language("en")
    assert (_("Log a visit"), value_label("state", "in_progress")) == ("Log a visit", "in progress")
    assert ngettext("{n} day", "{n} days", 3) == "{n} days"
    translate.set_language("klingon")
    assert translate.current_language() == "zh"
    assert value_label("state", "in_progress") == "办理中"


def test_an_unknown_value_is_shown_as_it_is_stored() -> None:
    """A newer version's state still says something."""
    assert value_label("state", "hibernating") == "hibernating"


def test_an_error_says_three_sentences_in_ones_language() -> None:
    """What happened, what it means for the data, what to do: translated, filled, and inert."""
    said = error_text(HomeNotFound(home="/home/a\x1b[31m"))
    assert "/home/a[31m" in said.what
    assert all(part and not part.isascii() for part in said)
