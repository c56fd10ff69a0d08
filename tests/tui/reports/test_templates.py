"""Templates of registers: their headings and words are those that the import and the screens know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from store.importing.readers import read_cells
from store.importing.records import import_records
from store.importing.records.exceptions import NoRecords
from store.importing.records.fields import CATEGORY_WORDS, KIND_WORDS, REGISTERS, SCREEN_STATES, STATE_WORDS, UNIT_WORDS
from store.importing.records.filled import filled_rows
from store.importing.records.line_fields import HOW_WORDS, LINE_REGISTERS
from store.importing.records.lines import register_of
from store.importing.records.table import read_records
from store.ledger.line import derived_id, new_id
from store.writer.local_writes import Draft
from tests.examples import examples
from tests.store.devices import device
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


TEXT = st.lists(
    st.sampled_from(
        [
            "供电",
            "3.1",
            "=1+1",
            "+86",
            "同上",
            "合计",
            "注：",
            "（一）",
            "一、",
            "、",
            " ",
            "\n",
            "2026年",
            "\u00a0",
            "等3人",
            "￥5万元",
            "无",
        ]
    ),
    min_size=1,
    max_size=5,
).map(lambda parts: "".join(parts).strip())
NAMED = TEXT.map(lambda text: f"甲{text.strip()}乙".replace("\n", ""))
"""A title or name, which is more than signs."""
DAY = st.integers(0, 600).map(lambda days: (date(2025, 1, 1) + timedelta(days)).isoformat())
MOMENT = st.tuples(DAY, st.integers(0, 23), st.integers(0, 59)).map("{0[0]}T{0[1]:02}:{0[2]:02}+08:00".format)
YUAN = st.integers(0, 10**11)
PERSON = st.sampled_from(["甲建国", "乙卫东", "丙志远", "欧阳修竹"])


@st.composite
def ledgers(draw: st.DrawFn) -> list[Draft]:
    """A line or two of each register, of two projects."""
    ids = [new_id() for _number in range(8)]
    first, second, unit, other, person, policy, issue, training = ids
    numbered: list[tuple[str, dict[str, object], str | None]] = [
        ("project", {"name": f"项目{id[-4:]}{draw(NAMED)}", "number": f"续{id[-6:]}", "category": "new"}, id)
        for id in ids[:2]
    ]
    units: list[tuple[str, dict[str, object], str | None]] = [
        ("unit", {"name": f"区{name}局", "kind": "department"}, id) for name, id in (("住建", unit), ("水利", other))
    ]
    whose: dict[str, object] = {"name": draw(PERSON), "title": draw(NAMED), "unit_id": unit, "note": draw(TEXT)}
    taught = {"at": draw(MOMENT), "title": draw(NAMED)}
    attended = derived_id("210903", "attendance", training, person)
    of_district: list[tuple[str, Mapping[str, object], str | None]] = [
        *numbered,
        *units,
        ("person", whose, person),
        ("contact", {"person_id": person, "phone": f"199{int(person[-7:], 16) % 10**8:08}"}, None),
        ("policy", {"title": draw(NAMED), "number": f"示发{policy[-5:]}号", "issued": draw(DAY)}, policy),
        ("training", {**taught, "kind": "integrity", "minutes": 15 * draw(st.integers(1, 90))}, training),
        ("attendance", {"training_id": training, "person_id": person}, attended),
        ("adoption", {"unit_id": other, "status": "improving", "day": draw(DAY), "note": draw(TEXT)}, None),
    ]  # fmt: skip
    drafts = [Draft(kind, body, id=id) for kind, body, id in of_district]
    drafts += draw(_of_project(first, second, issue, policy))
    step = {"issue_id": issue, "act": "assigned", "department_id": unit, "owner_id": person, "due": draw(DAY)}
    return [*drafts, *([Draft("issue_step", step, first)] if draw(st.booleans()) else [])]


@st.composite
def _of_project(draw: st.DrawFn, first: str, second: str, issue: str, policy: str) -> list[Draft]:
    """Lines of the projects."""
    said = {
        "title": draw(NAMED),
        "text": draw(TEXT),
        "kind": "problem",
        "raised_at": draw(MOMENT),
        "category": draw(st.sampled_from(["land", None])),
    }
    told = {"at": draw(MOMENT), "act": "interpret", "who": [draw(PERSON)]}
    asked = {"at": draw(MOMENT), "how": "phone", "satisfaction": "basically", "text": draw(TEXT)}
    drafts = [
        Draft("issue", {**said, "number": f"号{issue[-6:]}", "due": draw(DAY)}, first, issue),
        Draft("issue_step", {"issue_id": issue, "act": "recorded"}, first),
        Draft("follow_up", {"issue_id": issue, **asked}, first),
        Draft("policy_delivery", {"policy_id": policy, **told}, first),
        Draft("statistics_entry", {"contract": draw(DAY), "entered": draw(DAY), "note": draw(TEXT)}, second),
        Draft("procedure", {"code": "eia", "name": draw(NAMED), "status": "granted", "document": draw(NAMED)}, second),
    ]  # fmt: skip
    for at in draw(st.lists(MOMENT, min_size=1, max_size=3)):
        visit = {"at": at, "how": "visit", "place": draw(NAMED), "participants": draw(st.lists(PERSON, unique=True))}
        drafts.append(Draft("visit", {**visit, "text": draw(TEXT)}, first))
    for month in draw(st.lists(DAY.map(lambda day: day[:7]), min_size=1, max_size=3, unique=True)):
        amounts = {name: draw(YUAN) for name in ("planned", "done", "total")}
        shown = {"month": month, **amounts, "physical": draw(TEXT), "text": draw(TEXT)}
        drafts.append(Draft("progress_report", shown, second))
        drafts.append(Draft("data_return", {"period": month, "due": draw(DAY), "note": draw(TEXT)}, second))
    return drafts


def test_whatever_the_ledger_says_comes_back_the_same(tmp_path: Path) -> None:
    """Of every register the filled template that it writes changes nothing where it is taken in again, and leaves
    nothing out."""
    numbers = count()

    @settings(max_examples=examples(3, 100))
    @given(ledgers())
    @example([Draft("policy", {"title": f"甲{n}", "text": text}) for n, text in enumerate(("上文", "同上"))])
    def comes_back(drafts: list[Draft]) -> None:
        ledger = device(tmp_path, f"{next(numbers)}")
        ledger.put_all(drafts)
        for name, register in REGISTERS.items():
            with ledger.database.read() as connection:
                rows = list(filled_rows(connection, register.name))
            if not rows:
                continue
            path = tmp_path / f"{name}.xlsx"
            write_template(register, path, rows, overwrite=True)
            report = import_records(ledger, path, register.name, dry_run=True)
            found = Counter(row.verdict for row in report.rows)
            assert found == {"same": len(rows)}, (name, [row for row in report.rows if row.verdict != "same"][:2])

    comes_back()
