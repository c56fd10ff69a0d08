"""Small TOML files: whatever stands in them, what can be read is read, and what cannot is named by its line."""

from __future__ import annotations

import tomllib
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from store.values.toml_files import line_of, parse_toml, replace_statement, split_lines, statements

LINES = st.lists(
    st.sampled_from(
        [
            "a = 1",
            "b = [",
            "1]",
            'c = """',
            '"""',
            "[t]",
            "[[u]]",
            "[bad",
            "d.e = 2",
            "a = 2",
            "# x",
            "",
            "?",
            "f = {x=1}",
        ]
    )
    | st.text(max_size=6),
    max_size=8,
)


@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_file_is_read_as_far_as_it_can_be(lines: list[str], line_end: str) -> None:
    """Nothing raises; every line is in at most one statement; a file without a mistake says what TOML says it does."""
    text = line_end.join(lines)
    parsed = parse_toml(text)
    spans = [(statement.first, statement.end) for statement in statements(text)]
    assert all(first < end for first, end in spans)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))
    assert "".join(split_lines(text)) == text
    assert all(1 <= bad.line <= len(split_lines(text)) for bad in parsed.bad_lines)
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert parsed == (whole, ())


@given(LINES)
@example(['c = """', "[t]", 'c = """'])  # no heading, but a text over several lines
def test_what_is_written_is_what_is_read_back(lines: list[str]) -> None:
    """A statement put into any file is read back from it, and taking it out again leaves the rest."""
    edited = replace_statement("\n".join(lines), "new_name", "new_name = 7")
    assert parse_toml(edited).values["new_name"] == 7
    assert line_of(edited, "new_name") is not None
    assert "new_name" not in replace_statement(edited, "new_name", "")


def test_lines_below_a_bad_heading_belong_to_no_table() -> None:
    """Who breaks a table's heading does not set by its lines what stands outside of tables."""
    parsed = parse_toml("a = 1\n[keys\na = 2\nb = 3\n[t]\nc = 4\n")
    assert parsed.values == {"a": 1, "t": {"c": 4}}
    assert [(bad.line, bad.text, bad.repeated) for bad in parsed.bad_lines] == [(2, "[keys", False)]
