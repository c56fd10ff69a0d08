"""Splits a list of people or units as people write it into names: ``张三、李四和王五等5人``. Pure.

Between names stand marks (、，;/ and line breaks), 和 及 与, or blanks; a remark such as 等5人 names nobody and is
given apart. What is not certain is left together: 和 parts two names only where whole names stand on both sides
(李和平 is one person), blanks only where they part Chinese names (王 伟 is one, too).
"""

from __future__ import annotations

import re
from typing import NamedTuple

_MARKS = re.compile(r"[;；、,，/／|｜&＆\n\t]")
_BRACKETS = {"(": ")", "（": "）", "[": "]", "【": "】", "〔": "〕"}
_JOINED = re.compile(r"(?:以及|和|及|与)")
_HAN = "\u3400-\u9fff\U00020000-\U0003ffff·•・"
_WHOLE = re.compile(f"[{_HAN}]{{2,}}(?:[(（].*[)）])?")
_UNIT = re.compile("(?:局|委|委员会|办|办公室|厅|处|院|所|站|中心|公司|集团|银行|镇|乡|街道|区|县|市|政府|协会|企业)$")
_REMARK = re.compile(
    r"(?P<names>.*?)[\s、，,]*(?P<remark>(?:等|一行|共|计|另有|其他|及其他)*\s*(?:[0-9０-９]+|[一二三四五六七八九十百两几数多若干]+)"
    r"(?:余|多|来)?(?:人|名|位)(?:同志|干部|人员|代表)?|等(?:人|同志|人员|相关人员|有关人员|各位|领导|人等)?)[。.]?",
    re.DOTALL,
)
_TITLES = (
    "同志",
    "先生",
    "女士",
    "局长",
    "主任",
    "科长",
    "书记",
    "镇长",
    "区长",
    "经理",
    "总经理",
    "副总",
    "队长",
    "所长",
    "主席",
)


class NameList(NamedTuple):
    """The names, each once, in order, and the remark beside them (``等5人``; empty where there is none)."""

    names: tuple[str, ...]
    remark: str = ""


def split_name_list(text: str) -> NameList:
    """The names in ``text``, and the remark that stands after them."""
    body, remark = _without_remark(text.strip())
    parts = (name for part in _at_marks(body) for joined in _at_conjunctions(part) for name in _at_blanks(joined))
    return NameList(tuple(dict.fromkeys(name for name in parts if name)), remark)


def _without_remark(text: str) -> tuple[str, str]:
    match = _REMARK.fullmatch(text)
    if match is None:
        return text, ""
    if match["remark"] == "等" and len(match["names"]) == 1:  # the name 王等
        return text, ""
    return re.sub("[及和与]$", "", match["names"].strip()), re.sub("^及", "", match["remark"]).strip()


def _at_marks(text: str) -> list[str]:
    """The parts between marks; marks within brackets part nothing."""
    parts, start, closing = [], 0, ""
    for place, character in enumerate(text):
        if closing:
            closing = "" if character == closing else closing
        elif character in _BRACKETS and _BRACKETS[character] in text[place:]:
            closing = _BRACKETS[character]
        elif _MARKS.match(character):
            parts.append(text[start:place])
            start = place + 1
    return [part.strip() for part in (*parts, text[start:])]


def _at_conjunctions(text: str) -> list[str]:
    for match in _JOINED.finditer(text):
        before, after = text[: match.start()].strip(), text[match.end() :].strip()
        within_unit = match[0] in "和与" and _UNIT.search(after) and not _UNIT.search(before)  # 住房和城乡建设局
        if not within_unit and _is_whole(before.split()) and _is_whole(after.split()):
            return [before, *_at_conjunctions(after)]
    return [text]


def _is_whole(words: list[str]) -> bool:
    """Whether these words, parted by blanks, are whole names."""
    return bool(words) and (len(words) > 1 or _WHOLE.fullmatch(words[0]) is not None)


def _at_blanks(text: str) -> list[str]:
    """The names that blanks part. Two single characters are one name, a title belongs to the name before it, and what
    is not Chinese is left together."""
    words = text.split()
    if len(words) < 2 or not all(re.fullmatch(f"[{_HAN}]+(?:[(（].*[)）])?", word) for word in words):
        return [text]
    names: list[str] = []
    is_open = False
    for word in words:
        if names and (is_open or word in _TITLES):
            names[-1] += word
            is_open = False
        else:
            names.append(word)
            is_open = len(word) == 1
    return names
