"""What an officer reads in Chinese is Chinese: no English word and no code of the program between."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache

import pytest
from babel.messages.pofile import read_po
from rich.cells import cell_len

from tests.tui.cli.conftest import CommandLine, here, lone
from tui.i18n.translate import DOMAIN, LOCALE

__all__ = ["here", "lone"]
TYPED = re.compile(
    "|".join(
        (
            r"“guanjia[^”]*”",
            r"guanjia( [a-z][a-z-]*)*",
            r"(?<![A-Za-z])[a-z]+(-[a-z]+)+",
            r"~/\S+",
            r"[a-z]+_[a-z_]+",
            r"\"[^\"]*\"",
            r"Ctrl-\w",
            r"“[a-z][a-z -]*”",
            r"--?[a-z][a-z-]*",
            r"\{[^}]*\}",
            r"[\w.-]*[\w*]?\.[a-z][a-z0-9]{1,5}(?![a-z0-9])",
            r"[A-Z]+(_[A-Z]+)+(=\w+)?",
            r"https?://\S*|postgresql://",
            r"\\[a-z]",
            r"chmod \S+ \S+",
            r"systemd[\w-]*",
            r"SHA-256|GB/T 22239|UTF-(8|16)|GB18030",
        )
    )
)
"""What is typed or named as it stands: commands, options, files, variables, addresses, encodings."""
NAMES = """
ID JSON CSV PEM TLS SQLite PostgreSQL FAT Windows MB Excel Word WPS OpenDocument Office LibreOffice Debian English
launchd root sqlcipher shell bash zsh fish fpath dump Tab Esc Ctrl SIGTERM Del End Home PgDn PgUp Shift cd http en
SSH fbterm kmscon zh id Two roles chmod encrypt database null backend backups URL Caps Lock Alt Enter GBK
Unicode IP all PIN PDF JPEG PNG HEIC WebP xlsx docx csv ndjson
"""
"""Names of programs, formats and keys, which have no Chinese."""
WALK = """
import click, json
from tui.i18n import translate
translate.set_language("zh")
from tui.cli import click_translation
click_translation.install_translations()
from tui.cli.root import guanjia

def walk(command, context):
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            yield from walk(below, below.context_class(below, info_name=name, parent=context))

start = guanjia.context_class(guanjia, info_name="guanjia", terminal_width=80)
print(json.dumps(dict(walk(guanjia, start))))
"""


def english_in(text: str) -> list[str]:
    """The English words of a Chinese text that are neither typed as they stand nor names."""
    return [word for word in re.findall(r"[A-Za-z][A-Za-z_]+", TYPED.sub(" ", text)) if word not in NAMES.split()]


@cache
def pages() -> dict[str, str]:
    """The help of every command in Chinese, by its path; made in a process of its own, since help is made once."""
    command = [sys.executable, "-c", WALK]
    found: dict[str, str] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def test_help_has_no_english_between() -> None:
    """Placeholders, choices and their defaults are Chinese; names of commands and options are typed as they are."""
    names = {word for path in pages() for word in path.split()}
    found = {path: [word for word in english_in(page) if word not in names] for path, page in pages().items()}
    assert {path: words for path, words in found.items() if words} == {}
    assert len(pages()) > 100


def test_help_fits_the_terminal() -> None:
    """No line of help is wider than the terminal, wide characters counted as two; what one copies may be."""
    long = [line for page in pages().values() for line in page.splitlines() if cell_len(line) > 80]
    assert [line for line in long if "guanjia completion" not in line and "[" not in line] == []


def test_no_text_has_english_between() -> None:
    """Every text of the catalog: screens, errors, reports."""
    with (LOCALE / "zh" / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        catalog = read_po(file)
    words = {word for path in pages() for word in path.split()}
    texts = {
        str(text)
        for message in catalog
        if message.id
        for text in (message.string if isinstance(message.string, tuple) else (message.string,))
    }
    found = {text: [word for word in english_in(text) if word not in words] for text in texts}
    assert {text: english for text, english in found.items() if english} == {}


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize(
    "typed",
    [
        ("issue", "add", "--project", "x"),
        ("issue", "list", "--state", "办里中"),
        ("issue", "list", "--limit", "很多"),
        ("issue", "list", "--limit", "0"),
        ("issue", "show", "不存在"),
        ("issue", "assign", "误记"),
        ("issue", "settle", "误记", "--measure", "办了", "--evidence", "照片"),
        ("issue", "edit", "误记", "--due", "某天"),
        ("project", "add", "--name", "甲", "--investment-yuan", "很多"),
        ("project", "edit", "没有"),
        ("visit", "add"),
        ("visit", "add", "--project", "没有", "--text", "看"),
        ("bin", "restore", "没有"),
        ("conflicts", "restore"),
        ("history", "没有"),
        ("report", "summary", "--out", "x.txt"),
        ("report", "summary", "--period", "x", "--out", "x.csv"),
        ("sync",),
        ("limit", "set", "没有", "3"),
        ("restore-backup", "没有.db"),
        ("settings", "set", "没有", "1"),
        ("settings", "set", "language", "fr"),
        ("training", "add", "--kind", "廉洁"),
        ("没有的命令",),
        ("issue", "--没有的选项"),
    ],
    ids=" ".join,
)
def test_no_error_has_english_between(lone: CommandLine, typed: tuple[str, ...]) -> None:
    """Wrong usage and refused commands, in Chinese."""
    lone.run("project", "add", "--name", "甲项目")
    number = lone.json("issue", "add", "--project", "甲项目", "--title", "误记")["number"]
    result = lone.run(*typed, "--lang", "zh", code=None)
    assert result.code in (1, 2) and result.err
    assert [word for word in english_in(result.err.replace(number, "")) if word not in typed] == []
