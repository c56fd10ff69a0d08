"""How characters are read: the shipped table, and where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

import store.search.pinyin
from store.search.pinyin import all_syllables, build_table, pinyin_of


@pytest.mark.parametrize(
    ("character", "readings"),
    [
        ("曾", {"ceng", "zeng"}), ("重", {"zhong", "chong"}), ("行", {"xing", "hang", "heng"}),
        ("长", {"chang", "zhang"}), ("单", {"dan", "chan", "shan"}), ("区", {"qu", "ou"}),
        ("解", {"jie", "xie"}), ("仇", {"chou", "qiu"}), ("女", {"nv"}), ("吕", {"lv"}), ("〇", {"ling"}),
        ("a", set()), ("7", set()), ("，", set()),
    ],
)  # fmt: skip
def test_readings_of_a_character(character: str, readings: set[str]) -> None:
    """Common readings and those of surnames are there, ``v`` for ü; what is no character has none."""
    assert set(pinyin_of(character)) >= readings
    assert bool(pinyin_of(character)) == bool(readings)


def test_dead_readings_are_left_out() -> None:
    """A reading that no phrase uses would only find what nobody means: 家 is not gu."""
    assert pinyin_of("家") == ("jia",)


def test_the_shipped_table_is_what_its_source_gives() -> None:
    """``pinyin.txt`` is made by `table`, not by hand."""
    assert Path(store.search.pinyin.__file__).with_name("pinyin.txt").read_text("utf-8") == build_table()


def test_syllables_are_those_of_the_language() -> None:
    """Some four hundred, in Latin letters only."""
    assert 400 < len(all_syllables()) < 440
    assert all(syllable.isascii() and syllable.islower() for syllable in all_syllables())
