"""Templates of registers: their headings and words are those that the import and the screens know."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.importing.readers import read_cells
from store.importing.records.exceptions import NoRecords
from store.importing.records.fields import CATEGORY_WORDS, KIND_WORDS, REGISTERS, SCREEN_STATES, STATE_WORDS, UNIT_WORDS
from store.importing.records.line_fields import HOW_WORDS, LINE_REGISTERS
from store.importing.records.lines import register_of
from store.importing.records.table import read_records
from tui.i18n.labels import FAMILIES
from tui.i18n.register_text import choice_family
from tui.i18n.translate import label_in
from tui.reports.exceptions import ReportFileExists
from tui.reports.templates import write_template


def test_a_template_is_understood_and_holds_no_row(tmp_path: Path) -> None:
    """Of every register; what is filled in comes back, and a file that is there stays."""
    assert tuple(REGISTERS) == FAMILIES["register"]
    for name, register in REGISTERS.items():
        path = tmp_path / f"{name}.xlsx"
        write_template(register, path)
        with pytest.raises(NoRecords):
            read_records(read_cells(path), register, {}, accept=False)
        with pytest.raises(ReportFileExists):
            write_template(register, path)
        row = [field.example or "=1+1" for field in register.template_fields]
        write_template(register, path, [row], overwrite=True)
        (read,) = read_records(read_cells(path), register, {}, accept=False).rows
        assert read.texts == {field.name: text for field, text in zip(register.template_fields, row, strict=True)}


def test_the_words_of_drop_downs_are_those_of_the_screens() -> None:
    """Who copies a word from a screen, or a list of ours, is understood; the states of which two have one name abroad
    are told apart by what the issue has come to."""
    families = {
        "issue.category": CATEGORY_WORDS,
        "issue.kind": KIND_WORDS,
        "visit.how": HOW_WORDS,
        "unit.kind": UNIT_WORDS,
    }
    for family, words in families.items():
        assert {label_in("zh", family, code): code for code in words.values()} == words
    states = {label_in("zh", "state", code): code for code in FAMILIES["state"]}
    assert {word: code for word, code in STATE_WORDS.items() if code != "settled"}.items() <= states.items()
    assert {code: word for word, code in states.items() if word not in STATE_WORDS} == SCREEN_STATES
    for shape in LINE_REGISTERS:
        register = register_of(shape.name)
        for field in filter(lambda field: field.words, shape.fields):
            family = choice_family(register, register.field(field.name))
            assert dict(field.words) == {label_in("zh", family, code): code for _word, code in field.words}, family
