"""Wrong usage in sentences, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from tests.tui.cli.laptop import Laptop
from tui.cli import click_translation
from tui.cli.root import guanjia
from tui.cli.usage_text import command_of, usage_text
from tui.i18n.translate import LANGUAGES, set_language

WRONG = (
    "issue list --limit 0", "issue list --limit abc", "issue escalate x --to 9 --reason y", "issue add --title x",
    "issue lst", "issue list --nope", "issue list --stat open", "issue show", "issue show a b", "issue list --limit",
    "issue list --state foo", "issue list --proposed=3", "--lang xx", "restore x --version x", "report payroll",
    "completion", "completion perl", "visit add --project 1 --move x", "central serve --port 70000", "backup",
)  # fmt: skip
PROGRAMMERS_WORDS = re.compile(r"x[<>]=|<=x|\binteger\b|\brange\b|argument|[Oo]ption '|PATH|'--", re.ASCII)


@pytest.mark.parametrize("language", LANGUAGES)
def test_wrong_usage_is_a_sentence(language: str) -> None:
    """What is missing, unknown or out of bounds is said as people say it, with what to type, in one language."""
    set_language(language)
    click_translation.install_translations()
    for typed in WRONG:
        with pytest.raises(click.UsageError) as caught:
            _run(typed)
        text = usage_text(caught.value)
        assert text and not PROGRAMMERS_WORDS.search(text), (typed, text)
        assert text[-1] in "。？.：？" + "）)?”", (typed, text)
        assert command_of(caught.value).startswith("guanjia"), typed
        if language == "zh":
            assert not re.search(r"[a-z]{3,} [a-z]{3,}", text.replace(command_of(caught.value), "")), (typed, text)


def test_all_that_is_missing_is_said_at_once() -> None:
    """Who types a command without its fields learns all of them, with their choices, not one after the other."""
    set_language("zh")
    with pytest.raises(click.UsageError) as caught:
        _run("follow-up add --text 好")
    text = usage_text(caught.value)
    assert "缺少“--issue”（问题）" in text
    assert "缺少“--satisfaction”（满意度）" in text
    assert "基本满意" in text


def test_help_calls_files_and_folders_by_words(tmp_path: Path) -> None:
    """Chinese help has no English word for the value of an option that takes a file or a folder. Each command in a
    process of its own: help is in the language in which a command was loaded first."""
    for command in (("central", "serve"), ("backup",), ("lock", "off")):
        text = Laptop(tmp_path / "home").run(*command, "--help", "--lang", "zh").out
        assert " 文件" in text
        assert not re.search(r"PATH|FOLDER|FILE|DIR", text), command


def _run(typed: str) -> None:
    with guanjia.make_context("guanjia", typed.split()) as context:
        guanjia.invoke(context)
