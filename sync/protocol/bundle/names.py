"""Names of bundles that people understand: whose, of which day, what for. A file that is there is never overwritten."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

SUFFIX = ".gjb"
INVITATION_SUFFIX = ".gji"
CARD_SUFFIX = ".gjc"
BundleKind = Literal["message", "answer", "join", "joined", "meeting", "files", "filed"]
_WORDS: dict[str, str] = {
    "message": "上报",
    "answer": "回复",
    "join": "入网",
    "joined": "入网回复",
    "invitation": "邀请",
    "meeting": "碰头",
    "files": "附件",
    "filed": "附件回复",
    "card": "名片",
}
"""What a file is for, in its name."""
_MAX_NAME = 40
_UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200b-\u200f\u2028-\u202e\u2066-\u2069]')
_MOST_NAMES = 1_000


def bundle_name(person: str, kind: str, day: datetime) -> str:
    """The name of a person's file of that kind, made on that day; nothing of the person's name leads elsewhere."""
    whose = _UNFIT.sub("", person).strip(" .")[:_MAX_NAME].strip(" .") or "guanjia"
    suffix = {"invitation": INVITATION_SUFFIX, "card": CARD_SUFFIX}.get(kind, SUFFIX)
    return f"{whose}-{day.month}月{day.day}日-{_WORDS[kind]}{suffix}"


def answer_name(question: str) -> str:
    """The name of the answer to a message or join of this name."""
    for asked, answered in (("message", "answer"), ("join", "joined"), ("files", "filed")):
        if f"-{_WORDS[asked]}" in question:
            return question.replace(f"-{_WORDS[asked]}", f"-{_WORDS[answered]}")
    return question


def free_path(path: Path) -> Path:
    """The first free name like this one."""
    return next(free for free in free_paths(path) if not free.exists())


def free_paths(path: Path) -> Iterator[Path]:
    """This path, and the same name with a number behind it: the first that is free is to be taken."""
    yield path
    for number in range(2, _MOST_NAMES):
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")


def bundles_in(folder: Path, suffix: str = SUFFIX) -> list[Path]:
    """The bundles that lie in a folder, by name: plain files only, since a link may lead anywhere."""
    with os.scandir(folder) as entries:
        found = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    return [folder / name for name in sorted(found) if name.endswith(suffix) and not name.startswith(".")]
