"""Other people's text made inert, and how names and phones compare."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from store.values.text import FORBIDDEN, escape_json, normalize_name, normalize_phone, restore_undecoded, sanitize


@given(text=st.text())
def test_sanitizing_is_complete_and_done_once(text: str) -> None:
    """Sanitized text holds nothing forbidden, and sanitizing again changes nothing."""
    sanitized = sanitize(text)
    assert not FORBIDDEN.search(sanitized)
    assert sanitize(sanitized) == sanitized


@given(text=st.text())
def test_escaped_json_is_the_same_value_and_harmless(text: str) -> None:
    """What commands print as JSON holds nothing that acts on a terminal, and reads back as what is stored."""
    printed = escape_json(json.dumps({text: [text]}, ensure_ascii=False))
    assert not FORBIDDEN.search(printed)
    assert json.loads(printed) == {text: [text]}


def test_names_and_phones_compare_by_what_people_mean() -> None:
    """Inner spaces, full-width letters and separators do not make another person or phone."""
    assert normalize_name("辛  柱") == normalize_name("辛\u3000柱") == "辛柱"
    assert normalize_name("ＡＢＣ 公司") == "abc公司"
    assert normalize_phone("０４１８－0000001") == "04180000001" and normalize_phone("+86 199") == "+86199"


def test_a_name_is_one_however_its_characters_are_written() -> None:
    """Traditional forms, the code points of characters before Unicode had them, and every dot in a minority name
    compare as one; characters that are in use side by side do not."""
    assert normalize_name("甲建國") == normalize_name("甲建国")
    assert normalize_name("刘\ue863") == normalize_name("刘䶮") == normalize_name("劉龑")
    dotted = {normalize_name(f"买买提{dot}艾山") for dot in "·・•‧∙⋅▪．."}
    assert dotted == {"买买提·艾山"}
    assert normalize_name("李乾") != normalize_name("李干")
    assert normalize_name("年产1.5万吨") == "年产1.5万吨"


@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"])))
def test_what_the_c_locale_did_not_decode_is_read_as_the_utf8_it_is(text: str) -> None:
    """Chinese that was typed in a session without a locale is kept; bytes that are no text are stripped."""
    undecoded = text.encode().decode("ascii", "surrogateescape")
    assert restore_undecoded(undecoded) == text
    assert restore_undecoded(f"{text}\udcff") == f"{text}\udcff"
    assert sanitize(undecoded) == sanitize(text)
