"""Parses the cells of a responsibility table: a project's name, people with their phones, units.

> Cells wrap: lines are joined without a space. Spaces inside a Chinese name are padding (“辛  柱”). A phone may follow
> its name without a space, be on a line of its own, or be missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from store.values.text import phone_key

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\u00ad]")
_DASHES = re.compile(r"(?<=\d)\s*[‐‑‒–—−]\s*(?=\d)")
_BLANK = frozenset({"", "无", "暂无", "待定", "未定", "空缺", "/", "\\", "-", "--", "—", "——", "n/a"})
_PHONE = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?1\d{2}[- ]?\d{4}[- ]?\d{4}(?!\d)"
    r"|(?<!\d)(?:\(0\d{2,3}\)|0\d{2,3})[- ]?\d{7,8}(?:[-转]\d{1,6})?(?!\d)"
    r"|\+?\d[\d-]{3,}\d"
)
_CUT_PHONE = re.compile(r"(?<!\d)(1\d{0,9})[^\S\n]*\n[^\S\n]*(\d{1,10})(?!\d)")
_USUAL_PHONE = re.compile(
    r"1\d{10}|(?:010|02\d|0[3-9]\d\d)-?\d{7,8}(?:[-转]\d{1,6})?|[2-9]\d{6,7}|[48]00-?\d{3}-?\d{4}"
)
_LABEL = re.compile(
    r"(?:联系|办公)?(?:电话|方式|手机号码|手机号|手机)\s*:?|\b(?:tel|mobile|phone)\b\.?\s*:?|:", re.IGNORECASE
)
_BRACKETS = re.compile(r"\(([^()]*)\)")
_CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff·]+")
_POST = re.compile(
    r".*(?:[区县市局处科部厂站所院校镇乡村会厅组]长|主任|书记|经理|主席|科员|干事|总监|董事|负责人|专员|主管|调研员|院士|工程师)"
    r"|.{2,}(?:公司|集团|局|委|办|部|中心|街道|办事处|政府|银行|工厂)"
)
_COMPOUND = frozenset(
    re.findall(
        r"\S\S", "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 令狐 长孙 慕容 司徒 夏侯 宇文 独孤 南宫 端木 百里 呼延"
    )
)
_LONGEST_NAME = 20
_MOBILE = 11
"""The digits of a mobile's number."""


class CellPerson(NamedTuple):
    """A person as named in a cell. ``phone`` and ``title`` are empty where the cell has none."""

    name: str
    phone: str = ""
    title: str = ""


class CellPeople(NamedTuple):
    """The people in a cell, and the codes of its warnings: ``second_phone``, ``phone_alone``,
    ``several_people``."""

    people: tuple[CellPerson, ...]
    warning_codes: tuple[str, ...] = ()


def half_width(text: str) -> str:
    """``text`` with full-width ASCII and spaces made half-width and invisible characters dropped."""
    return _INVISIBLE.sub("", text.translate(_HALF_WIDTH))


def is_blank(text: str) -> bool:
    """Whether a cell is empty or has a sign for “none”."""
    return re.sub(r"\s+", "", half_width(text)).casefold() in _BLANK


def one_line(text: str) -> str:
    """A wrapped name on one line: lines are joined without a space, runs of spaces become one. Between two Latin
    letters a space at the line's end stays, since there it separates words."""
    joined = ""
    for line in _INVISIBLE.sub("", text).split("\n"):
        bare = line.strip()
        padded = joined[-1:].isspace() or line[:1].isspace()
        words = joined.rstrip()[-1:].isascii() and bare[:1].isascii() and joined.rstrip()[-1:].isalpha()
        joined = joined.rstrip() + (" " if padded and words and bare[:1].isalpha() else "") + line.lstrip()
    return re.sub(r"\s+", " ", joined).strip()


def parse_units(text: str) -> tuple[str, ...]:
    """The units that a cell names."""
    parts = re.split(r"[、;；,，|]", one_line(text))
    return tuple(dict.fromkeys(part.strip() for part in parts if not is_blank(part)))


def parse_cell_phone(text: str) -> str:
    """The phone that a column of phones gives, or an empty text."""
    return next((phone for name, phone in _pieces(_normalized(text)) if phone), "")


def is_usual_phone(phone: str) -> bool:
    """Whether a phone has the shape of a Chinese mobile, landline or service number."""
    return _USUAL_PHONE.fullmatch(re.sub(r"[ ()]", "", phone)) is not None


def parse_people(text: str) -> CellPeople:
    """The people in a cell, each with the phone next to the name: after it, or before it throughout."""
    pieces = list(_pieces(_normalized(text)))
    phones_lead = bool(pieces) and bool(pieces[0][1]) and bool(pieces[-1][0])
    people: list[CellPerson] = []
    warnings: list[str] = []
    for name, phone in reversed(pieces) if phones_lead else pieces:
        if name:
            named, several = _parse_names(name)
            people += named
            warnings += ["several_people"] if several else []
        elif people and not people[-1].phone:
            people[-1] = people[-1]._replace(phone=phone)
        else:
            warnings.append("second_phone" if people else "phone_alone")
    return CellPeople(tuple(reversed(people) if phones_lead else people), tuple(dict.fromkeys(warnings)))


def _normalized(text: str) -> str:
    plain = _DASHES.sub("-", half_width(text))
    return _CUT_PHONE.sub(lambda cut: cut[1] + cut[2] if len(cut[1] + cut[2]) == _MOBILE else cut[0], plain)


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Names and phones alternating, each with the other empty."""
    end = 0
    for phone in _PHONE.finditer(text):
        yield from _name_piece(text[end : phone.start()])
        yield "", _tidy_phone(phone[0])
        end = phone.end()
    yield from _name_piece(text[end:])


def _name_piece(text: str) -> Iterator[tuple[str, str]]:
    bare = _LABEL.sub(" ", text)
    if bare.strip(" \n\t、,;/|()-."):
        yield bare, ""


def _tidy_phone(text: str) -> str:
    key = phone_key(text)
    return key if len(key) == 11 and key[0] == "1" else re.sub(r"[ ()]+", "-", text).strip("-").replace("--", "-")


def _parse_names(text: str) -> tuple[list[CellPerson], bool]:
    """The people in a piece without phones, and whether one run of text was split into several."""
    people: list[CellPerson] = []
    several = False
    for part in re.split(r"[、,;/|]", text):
        posts = [bracketed.strip() for bracketed in _BRACKETS.findall(part) if bracketed.strip()]
        split = [_split(line) for line in _lines(_BRACKETS.sub(" ", part))]
        names = [name for names, _posts in split for name in names]
        posts += [post for _names, line_posts in split for post in line_posts]
        if not names and posts:
            names = [posts.pop()]
        several = several or any(len(names) > 1 for names, _posts in split)
        people += [CellPerson(name, title="" if place else " ".join(posts)) for place, name in enumerate(names)]
    return people, several


def _lines(text: str) -> list[str]:
    """The lines of a name; one line where the name was wrapped, which a line of one character shows."""
    lines = [line.strip(" \t()-.") for line in text.split("\n")]
    lines = [line for line in lines if line]
    if any(len(re.sub(r"\s", "", line)) == 1 for line in lines) or not all(_CHINESE.match(line) for line in lines):
        return [" ".join(lines)] if lines else []
    return lines


def _split(line: str) -> tuple[list[str], list[str]]:
    """The names and the posts (or employers) that one line holds."""
    tokens = line.split()
    posts = [token for token in tokens if len(token) > 2 and _POST.fullmatch(token)]
    names = [token for token in tokens if token not in posts]
    if not all(_CHINESE.fullmatch(token) for token in names):
        return [" ".join(names)], posts
    if len(names) > 1 and all(len(token) > 1 for token in names) and names[0] not in _COMPOUND:
        return names, posts
    return ["".join(names)] if names else [], posts


def is_unusual_name(name: str) -> bool:
    """Whether a name is unlikely to be one: digits in it, or too long."""
    return len(name) > _LONGEST_NAME or any(sign.isdigit() for sign in name)
