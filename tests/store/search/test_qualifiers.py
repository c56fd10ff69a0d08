"""Qualifiers of a search: how they are parsed, what they mean in a real store, and the errors for mistyped ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.commands import issues, visits
from store.db.connection import Connection
from store.exceptions import MistypedQualifier, UnknownQualifier
from store.ledger.kind_facts import searchable_issue_kinds, searchable_kinds
from store.ledger.kinds import kinds
from store.search.highlight import matched_ranges
from store.search.qualifiers import Qualifier, parse_query
from store.search.query import build_query
from store.search.ranking import SearchHit
from store.search.session import SearchSession, search_lines
from tests.store.queries.sample import Sample
from tests.store.search.lookups import empty

WORDS = {"open": "待交办", "in_progress": "办理中", "assigned": "待接办", "issue": "问题", "visit": "走访"}
TYPED = st.text(alphabet="@#＠＃:：deptstakind部门状态类别张住建办W2026- 、，\ud800\x00", max_size=24) | st.text(
    max_size=24
)


def label_of(_family: str, value: str) -> str:
    """The labels of stored values in these tests."""
    return WORDS.get(value, value)


@pytest.fixture
def asked(district: Sample) -> Sample:
    """The district with one more issue that is being settled at the water bureau, and a visit of two people."""
    named = district.record("管线迁改")
    issues.act(district.ledger, named, "assign", department="水务局", owner="丁红梅", due="2027-01-08")
    issues.act(district.ledger, named, "accept")
    visits.log(district.ledger, project=district.water, who="丁红梅；张三丰", text="看了管线", how="visit")
    return district


def found(sample: Sample, text: str) -> list[SearchHit]:
    """What ``text`` finds."""
    return search_lines(sample.connection, text, label_of)


def test_words_and_scopes_are_cut_apart() -> None:
    """Scopes stand anywhere among the words, with wide signs or narrow ones; each knows where its value is."""
    typed = parse_query("供水 ＠张三 dept：水务 状态:办理 #W2026-1 http://x a@b")
    assert typed.words == "供水 http://x a@b"
    assert [scope.name for scope in typed.qualifiers] == ["person", "department", "state", "number"]
    assert typed.qualifier_at(6) == Qualifier("person", "张三", 4, 6)
    assert typed.qualifier_at(1) is None


FINDS: tuple[tuple[str, set[str]], ...] = (
    ("state:in_progress", {"管线迁改"}), ("状态:办理中", {"管线迁改"}), ("state:blz", {"管线迁改"}),
    ("状态：办 管线", {"管线迁改"}), ("dept:水务", {"管线迁改"}), ("部门:swj 管", {"管线迁改"}),
    ("state:open 管线", set()), ("@张三丰", {"看了管线"}), ("@zsf", {"看了管线"}),
    ("@丁红梅 @张三丰", {"看了管线"}), ("@张三丰 看了", {"看了管线"}), ("kind:visit @dhm", {"看了管线"}),
    ("类别:走访 管线", {"看了管线"}), ("kind:person @dhm", {"丁红梅"}),
)  # fmt: skip


def test_scopes_narrow_what_is_found(asked: Sample) -> None:
    """People by name and initials, departments by a part, states by word, value or initials, kinds; alone or with
    words."""
    for text, titles in FINDS:
        hits = found(asked, text)
        assert titles <= {hit.title for hit in hits}, text
        assert bool(titles) == bool(hits), text


def test_nothing_else_is_found(asked: Sample) -> None:
    """A scope leaves out what it should: other people's visits, other states, other kinds."""
    assert {hit.title for hit in found(asked, "@张三丰") if hit.kind == "visit"} == {"看了管线"}
    assert [hit.title for hit in found(asked, "state:in_progress")] == ["管线迁改"]
    assert {hit.kind for hit in found(asked, "kind:issue")} == {"issue"}
    assert len(found(asked, "kind:issue")) == 2


def test_a_number_is_a_whole_one_or_a_part(asked: Sample) -> None:
    """The whole number comes first with the best score; a part finds every number that has it, and no title."""
    number = found(asked, "kind:issue 管线")[0].number or ""
    assert [(hit.number, hit.score) for hit in found(asked, f"#{number}")] == [(number, 5)]
    assert len(found(asked, "#" + number[:6])) == 2
    assert found(asked, "#管线") == []


def test_a_slip_is_told_with_the_nearest(asked: Sample) -> None:
    """What there is not is label_of, with what it may have been meant for."""
    for text, nearest in (
        ("state:opne", "open"),
        ("类别:问提", "问题"),
        ("dept:水利局", "水务局"),
        ("@丁红霉", "丁红梅"),
    ):
        with pytest.raises(MistypedQualifier) as slip:
            found(asked, text)
        assert nearest in str(slip.value)
        assert parse_query(text).qualifiers[0].value in str(slip.value)
    with pytest.raises(UnknownQualifier):
        found(asked, "@谁也不是")


def test_a_qualifier_without_a_value_restricts_nothing(asked: Sample) -> None:
    """A qualifier without a value, as while typing, restricts nothing."""
    assert {hit.id for hit in found(asked, "管线 @")} == {hit.id for hit in found(asked, "管线")}
    assert found(asked, "state:") == []


def test_qualifiers_and_options_together(asked: Sample) -> None:
    """A screen's search and the command's give the same hits."""
    lookup = SearchSession(asked.ledger.database.connection)
    assert lookup.find("dept:水务 管线", label_of) == found(asked, "dept:水务 管线")


def test_every_searchable_kind_is_a_value_of_kind() -> None:
    """The searchable kinds are those whose models have search fields."""
    assert tuple(sorted(name for name, kind in kinds().items() if kind.search_fields)) == searchable_kinds()
    assert {name for name in searchable_kinds() if kinds()[name].area == "i"} == set(searchable_issue_kinds())


@given(TYPED)
def test_any_text_gives_an_answer_or_a_clear_error(text: str) -> None:
    """Whatever is typed, there are hits or sentences, and the parts of the text are all accounted for."""
    typed = parse_query(text)
    assert all(text[scope.start : scope.end] == scope.value for scope in typed.qualifiers)
    connection: Connection = empty()
    try:
        search_lines(connection, text, label_of)
    except UnknownQualifier as error:
        assert all(error.localized())


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("外部供电线路未接通", "供电", ["供电"]), ("外部供电线路未接通", "gdxl", ["供电线路"]),
        ("重庆（新）路", "庆新", ["庆（新"]),
        ("W2026-001", "w2026001", ["W2026-001"]), ("外部供电线路", "gd 线路 电线", ["供电线路"]),
        ("甲乙", "丙", []),
    ],
)  # fmt: skip
def test_what_matched_is_known(text: str, typed: str, marked: list[str]) -> None:
    """The characters typed, and those that initials mean, are marked; overlapping words are marked once."""
    asked = build_query(typed)
    assert asked is not None
    assert [text[start:end] for start, end in matched_ranges(text, asked.words)] == marked
