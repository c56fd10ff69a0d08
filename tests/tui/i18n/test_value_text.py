"""What fields hold, in words: names for ids, labels for codes, moments to the minute in the district's time."""

from __future__ import annotations

import pytest

from tui.i18n.translate import set_language
from tui.i18n.value_text import value_text


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("raised_at", "2026-04-28T01:00:30Z", "2026-04-28 09:00"),
        ("raised_at", "2026-04-28T09:00+08:00", "2026-04-28 09:00"),
        ("raised_at", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59-12:00"),
        ("due", "2026-04-28", "2026-04-28"),
        ("text", "2026-04-28T09:00+08:00到场", "2026-04-28T09:00+08:00到场"),
        ("kind", "difficulty", "困难"),
        ("owner_id", "p1", "己玉成"),
        ("issues_ids", ["i1", "p1"], "i1、己玉成"),
        ("note", None, "（空）"),
        ("confirmed", True, "是"),
        ("adjustments", [{"act": "added", "date": "2026-04-28"}], "动作 列入  日期 2026-04-28"),
    ],
)
def test_a_value_is_said_in_words(field: str, value: object, text: str) -> None:
    """No code and no zone stands where people read; what is no moment stays as it is."""
    set_language("zh")
    assert value_text("issue", field, value, {"p1": "己玉成"}) == text
