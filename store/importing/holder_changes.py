"""Reads who serves now in a cell that tells of a change: 赵一（调整为钱二 139…), 赵一→钱二, 赵一（调离，由钱二接替）.

Pure. The phone in such a cell is that of whoever serves now. Where it is only planned (拟调整为), or is said in words
that are not known here, nobody gets a phone from the part of the cell that tells of it.
"""

from __future__ import annotations

import re

from store.importing.name_parsing import HAN, NAME, tokens_of

_NAME = rf"[{HAN}·]{{2,12}}"
_PHONE = r"(?:\s*[:：]?\s*\+?[\d-]{7,20})?"
_NOW = r"(?:现已?|已经?|近期|后来?)?"
_BECOMES = rf"{_NOW}(?:调整|变更|更换|更改|调换|改|换)(?:为|成|至)\s*[:：]?\s*"
_ARROW = r"(?:→|➡|⇒|=>|-+>|—+>|－+>)\s*"
_TAKES_OVER = r"(?:接替|接任|接手|继任|替换|代替)"
_OPENING = r"[\s(,，;；、]*"
_CHANGES = (
    re.compile(rf"(?P<former>{_NAME}?){_PHONE}{_OPENING}(?:{_BECOMES}|{_ARROW})(?P<now>{_NAME})"),
    re.compile(
        rf"(?P<former>{_NAME}){_PHONE}\s*\((?:[^()\d]{{2,8}}[,，;；])?{_NOW}由?(?P<now>[{HAN}·]{{2,4}}?){_TAKES_OVER}(?=\W|\d|$)"
    ),
    re.compile(rf"(?P<former>{_NAME})\(原\){_PHONE}[\s,，、;；]*(?P<now>{_NAME})\(现\)"),
)
_FORMER_BEHIND = re.compile(
    rf"[\s(,，]*{_TAKES_OVER}(?P<former>{_NAME})\)?|[(,，]\s*原[为是:：]+\s*(?P<was>{_NAME})\)?"
)
_SIGNS = re.compile(
    r"调整|变更|更换|更改|调换|改[为成]|换[为成]|接[替任手]|继任|替换|代替|[→➡⇒]|[=-]>|—>|\(原\)|原[为是]"
)
_UNCLEAR = re.compile(
    r"(?:拟|将|待|计划|准备)\w{0,3}(?:调整|变更|更换|更改|调换|改|换|接)|(?:调整|变更|更换|接[替任手])"
)
_FOLLOWING = re.compile(r"\([^()]*\)|.*")


def split_former(text: str) -> tuple[str, list[str]]:
    """The text with half-width brackets without who served before, and what was taken out of it, to be told. Without
    the numbers of a part that tells of a change which is not understood."""
    if not _SIGNS.search(text):
        return text, []
    left_out: list[str] = []

    def now_only(change: re.Match[str]) -> str:
        if re.search("[拟将待]$", change["former"]) or not _is_person(change["now"]):
            return change[0]
        left_out.append(f"原{change['former']}")
        return change["now"]

    for pattern in _CHANGES:
        text = pattern.sub(now_only, text)

    def without(behind: re.Match[str]) -> str:
        former = behind["former"] or behind["was"]
        if not _is_person(former):
            return behind[0]
        left_out.append(f"原{former}")
        return ")" if behind[0].endswith(")") and not behind[0].lstrip().startswith("(") else " "

    text = _FORMER_BEHIND.sub(without, text)
    if unclear := _UNCLEAR.search(text):
        start = max(text.rfind("(", 0, unclear.start()), 0)
        told = _FOLLOWING.match(text, start)
        if told and re.search(r"\d{7}", told[0]):
            left_out.append(re.sub(r"\s+", " ", told[0]).strip("() "))
            text = text[:start] + text[told.end() :]
    return text, left_out


def _is_person(text: str) -> bool:
    tokens, _several = tokens_of(text)
    return any(token.kind == NAME and not token.doubtful for token in tokens)
