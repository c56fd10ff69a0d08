"""Text in cells: full-width characters align, and control characters are removed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.widgets.cells import CUT_MARK, fit, fit_spans, plain_content, single_line, wrap
from tui.widgets.columns import ListColumn, fit_columns

MIXED = st.text(alphabet=st.sampled_from("甲乙丙，。（）「」ＡＢabc 123-é\u0301👍\n\t"), max_size=60)


@given(MIXED, st.integers(1, 40), st.booleans())
def test_a_fitted_text_has_exactly_its_width(text: str, width: int, right: bool) -> None:
    """Cut or padded, a cell is as wide as its column, however wide its characters are."""
    assert cell_len(fit(single_line(text), width, right=right)) == width


@given(st.lists(st.tuples(MIXED, st.sampled_from(["", "strong"])), max_size=4), st.integers(1, 40))
def test_styled_texts_together_have_exactly_their_width(spans: list[tuple[str, str]], width: int) -> None:
    """Several styled texts in one cell fill it exactly."""
    assert sum(cell_len(text) for text, _style in fit_spans(spans, width)) == width


def test_a_cut_never_halves_a_wide_character() -> None:
    """Where half a Chinese character would be left, a blank stands, then the mark of the cut."""
    assert fit("项目管家台账", 6) == "项目 " + CUT_MARK
    assert fit("项目管家台账", 7) == "项目管" + CUT_MARK
    assert fit("项目", 4) == "项目"


@given(MIXED, st.integers(2, 40))
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    """Every line fits, and all characters but blanks at line ends are still there, in order."""
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_punctuation_never_begins_a_line() -> None:
    """A comma or a closing bracket stays with the character before it."""
    lines = wrap("企业反映外部供电线路尚未接通，影响调试。（已转供电公司）", 10)
    assert not any(line[0] in "，。）" for line in lines if line)


def test_words_of_latin_letters_stay_whole() -> None:
    """A Latin word breaks only where it is longer than a line."""
    assert wrap("年产 EMC/DEC ethylene 项目", 12) == ["年产 EMC/DEC", "ethylene 项", "目"]
    assert wrap("abcdefghij", 4) == ["abcd", "efgh", "ij"]


def test_other_peoples_text_is_inert() -> None:
    """Escape sequences, bidirectional controls and line ends do not survive in a cell; markup is plain text."""
    hostile = "[/] \x1b]52;c;eHh4\x07 \u202eabc\u2066 \x9b2J 一\n二\t三"
    assert single_line(hostile) == "[/] ]52;c;eHh4 abc 2J 一 二 三"
    assert plain_content("[bold]x[/]").plain == "[bold]x[/]"


@given(st.integers(20, 260))
def test_columns_fill_the_list_and_never_overflow(width: int) -> None:
    """The columns shown are as wide as the list together where one of them grows, at any width."""
    columns: tuple[ListColumn[str], ...] = (
        ListColumn("", 2, str),
        ListColumn("a", 8, str, grow_share=3),
        ListColumn("b", 6, str, grow_share=1),
        ListColumn("c", 10, str, min_list_width=60),
    )
    widths = [column_width for _column, column_width in fit_columns(columns, width)]
    assert sum(widths) + len(widths) - 1 == width
