"""Parses the cells of a responsibility table: a project's name, people with their phones, units.

> Cells wrap: lines are joined without a space. Spaces inside a Chinese name are padding (“辛  柱”). A phone may follow
> its name without a space, be on a line of its own, or be missing. As many phones as names pair in order; where it is
> not clear whose a phone is, it is left out and told. What is a name ``name_parsing.py`` decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from store.importing.holder_changes import split_former
from store.importing.name_parsing import NAME, PHONE, REST, TITLE, CellToken, is_unit, is_unusual, tokens_of
from store.values.text import phone_key

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_BRACKETS = str.maketrans("[]{}【】〔〕〖〗「」『』〈〉", "()" * 8)
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\u00ad]")
_DASHES = re.compile(r"(?<=\d)\s*[‐‑‒–—−－]\s*(?=\d)")
_BLANK = frozenset(
    re.findall(
        r"\S+",
        """无 暂无 待定 未定 空缺 暂缺 待落实 待明确 待确定 未明确 未落实 未确定 待补充
        / \\ - -- — —— ― n/a 无无 / // 、 空 〇""",
    )
) | {""}
_LEADING = re.compile(r"[(（](?:牵头|主办|主责)(?:单位|部门)?[)）]$|(?<=[局委办会司])牵头$")
_DITTO = frozenset(("同上", "(同上)", "〃", "″", '"', "''", "“", "”", "同前", "上同"))
ROUNDED_PHONE = re.compile(r"\d(?:\.\d+)?[Ee]\+?\d{1,2}(?!\d)")
"""A number as Excel shows one that it rounded: its last digits are lost."""
_MOBILE = r"(?:(?:\(\+?86\)|(?:\+|00)?86)[- ]?)?1[3-9]\d(?:[- .]?\d){8}(?!\d)"
_EXTENSION = r"(?:\s*(?:[-转,]|分机|ext\.?)\s*:?\s*\d{1,6}(?!\d))?"
_PHONE = re.compile(
    rf"(?<!\d){_MOBILE}"
    rf"|(?<!\d)(?:(?:\+|00)?86[- ]?)?(?:\(0\d{{2,3}}\)|0\d{{2,3}})[- ]?\d{{3,4}}[- ]?\d{{4}}{_EXTENSION}(?!\d)"
    rf"|(?<!\d)[2-9]\d{{6,7}}\s*(?:转|分机)\s*\d{{1,6}}(?!\d)"
    r"|\+?\d[\d-]{3,}\d",
    re.IGNORECASE,
)
_MASKED_PHONE = re.compile(r"(?<!\d)1\d{2}[ -]?[*xX×]{3,4}[ -]?[\d*]{4}(?!\d)")
"""A phone whose middle is hidden: 138****0001."""
_OTHER_CONTACT = re.compile(
    r"(?:qq|微信|e-?mail|邮箱|电子邮箱|邮件)?(?:号码?)?\s*:?\s*[A-Za-z0-9_.-]{1,64}@[A-Za-z0-9.-]{1,64}"
    r"|(?:(?:身份证|证件)(?:号码?)?|[工警编]号)\s*:?\s*\d{3,17}[\dx](?!\d)|(?<!\d)[1-9]\d{16}[\dx](?!\d)"
    r"|qq(?:号码?)?\s*:?\s*\d{5,12}(?!\d)|微信(?:号码?)?\s*:?\s*[A-Za-z][\w-]{4,}(?<![\u4e00-\u9fff])",
    re.IGNORECASE,
)
"""A number or address that is no phone, such as that of an identity card."""
_CUT_PHONE = re.compile(r"(?<!\d)(1\d{0,9})[^\S\n]*\n[^\S\n]*(\d{1,10})(?!\d)")
_FRACTION = re.compile(r"(?<=\d{7})\.0+(?!\d)")
_USUAL_PHONE = re.compile(
    r"1\d{10}|(?:\+?86-?)?(?:010|02\d|0[3-9]\d\d)-?\d{7,8}(?:[-转]\d{1,6})?|[2-9]\d{6,7}(?:转\d{1,6})?|[48]00-?\d{3}-?\d{4}"
)
_LABEL = re.compile(
    r"(?:^|(?<=[\s、,;/|(\d]))(?:项目|企业|包保|牵头|责任|具体|部门)?(?:姓名|联系人|联络员|负责人|责任人|领导|管家|成员|单位|部门"
    r"|职务|职称|职级|岗位|性别|民族)\s*:"
    r"|(?:联系|办公|移动)?(?:电话|联系方式|方式|手机号码|手机号|手机)(?:号码)?\s*:?|(?<![A-Za-z])(?:tel|mobile|phone)(?![A-Za-z])\.?\s*:?|:",
    re.IGNORECASE | re.MULTILINE,
)
_MOBILE_DIGITS = 11
_LONGEST_NAME = 20
_CACHED = 4_096
"""So many texts are remembered: a table names the same leaders again and again, and the rules of a row ask for each
of its cells many times."""


class CellPerson(NamedTuple):
    """A person as named in a cell. ``phone`` and ``title`` are empty where the cell has none, ``employer`` where no
    column of its own gives it."""

    name: str
    phone: str = ""
    title: str = ""
    employer: str = ""


class CellPeople(NamedTuple):
    """The people in a cell, the codes of its warnings (``second_phone``, ``phone_alone``, ``phones_unclear``,
    ``rounded_phone``, ``several_people``), and the words that are no people."""

    people: tuple[CellPerson, ...]
    warning_codes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@lru_cache(_CACHED)
def half_width(text: str) -> str:
    """``text`` with full-width ASCII and spaces made half-width and invisible characters dropped."""
    return _INVISIBLE.sub("", text.translate(_HALF_WIDTH))


@lru_cache(_CACHED)
def is_blank(text: str) -> bool:
    """Whether a cell is empty or has a sign for “none”."""
    if len(text) > _LONGEST_NAME:
        return not text.strip()
    return not text or "".join(half_width(text).split()).casefold() in _BLANK


NO_DITTO = "\u2060"
"""What our own tables write behind a text that would say “as above” and does not: a sign without width."""


@lru_cache(_CACHED)
def is_ditto(text: str) -> bool:
    """Whether a cell says that it is the same as the one above."""
    if text.endswith(NO_DITTO):
        return False
    return 0 < len(text) <= _LONGEST_NAME and "".join(half_width(text).split()) in _DITTO


@lru_cache(_CACHED)
def one_line(text: str) -> str:
    """A wrapped name on one line: lines are joined without a space, runs of spaces become one. Between two Latin
    letters a space at the line's end stays, since there it separates words."""
    if "\n" not in text:
        return re.sub(r"\s+", " ", _INVISIBLE.sub("", text)).strip()
    joined = ""
    for line in _INVISIBLE.sub("", text).split("\n"):
        bare = line.strip()
        padded = joined[-1:].isspace() or line[:1].isspace()
        words = joined.rstrip()[-1:].isascii() and bare[:1].isascii() and joined.rstrip()[-1:].isalpha()
        joined = joined.rstrip() + (" " if padded and words and bare[:1].isalpha() else "") + line.lstrip()
    return re.sub(r"\s+", " ", joined).strip()


def parse_units(text: str) -> tuple[str, ...]:
    """The units that a cell names. A line's end wraps a name, unless whole units stand before and after it."""
    parts: list[str] = []
    for line in re.split(r"(?<=[局委办司团])\s*\n(?=\s*\S{2,}[局委办司团]\s*(?:\n|$))", text):
        parts += re.split(r"[、;；,，|]", one_line(line))
    units = (_LEADING.sub("", part.strip()) for part in parts)
    return tuple(dict.fromkeys(unit for unit in units if not is_blank(unit)))


def parse_cell_phones(text: str) -> list[str]:
    """The phones that a column of phones gives, in order."""
    return [_tidy_phone(found[0]) for found in _PHONE.finditer(_normalized(text))]


def preferred_phone(phones: Sequence[str]) -> str:
    """The one of a person's phones that is kept: the first mobile one, else the first."""
    return next((phone for phone in phones if len(phone) == _MOBILE_DIGITS and phone[0] == "1"), phones[0])


def has_rounded_phone(text: str) -> bool:
    """Whether a cell has a number whose last digits Excel rounded away."""
    return ROUNDED_PHONE.search(half_width(text)) is not None


def is_usual_phone(phone: str) -> bool:
    """Whether a phone has the shape of a Chinese mobile, landline or service number."""
    return _USUAL_PHONE.fullmatch(re.sub(r"[ ()]", "", phone)) is not None


@lru_cache(_CACHED)
def parse_people(text: str) -> CellPeople:
    """The people in a cell, each with the phone next to the name: after it, or before it throughout."""
    plain, former = split_former(_normalized(text))
    tokens, several = _tokens(plain)
    rounded = ["rounded_phone"] if has_rounded_phone(text) else []
    tokens = _without_doubts(tokens)
    people, warnings = _pair(tokens)
    titled = _with_titles(tokens, people, text)
    left_out = former + [found[0].strip() for found in _OTHER_CONTACT.finditer(half_width(text))]
    left_out += [found[0] for found in _MASKED_PHONE.finditer(half_width(text))]
    left_out += [token.text for token in tokens if token.kind == REST or (token.kind == TITLE and not people)]
    codes = dict.fromkeys((*rounded, *warnings, *(["several_people"] if several and len(titled) > 1 else [])))
    return CellPeople(tuple(_as_written(person, text) for person in titled), tuple(codes), tuple(left_out))


def split_units(text: str) -> tuple[tuple[str, ...], CellPeople]:
    """The units that a cell names together with people, and these people: 区发改局 乙卫东 19900000002."""
    people = parse_people(text)
    words = [word for person in people.people for word in person.title.split()] + list(people.left_out)
    units = tuple(dict.fromkeys(word for word in words if is_unit(word)))
    named = [
        person._replace(title=" ".join(word for word in person.title.split() if word not in units))
        for person in people.people
    ]
    left_out = tuple(word for word in people.left_out if word not in units)
    return units, people._replace(people=tuple(named), left_out=left_out)


def _normalized(text: str) -> str:
    plain = _MASKED_PHONE.sub(" ", _OTHER_CONTACT.sub(" ", half_width(text).translate(_BRACKETS)))
    plain = _FRACTION.sub("", ROUNDED_PHONE.sub(" ", _DASHES.sub("-", plain)))
    return _CUT_PHONE.sub(lambda cut: cut[1] + cut[2] if len(cut[1] + cut[2]) == _MOBILE_DIGITS else cut[0], plain)


def _tokens(plain: str) -> tuple[list[CellToken], bool]:
    """The pieces of a normalized cell in order, and whether a run of text without a separator was split into several
    names."""
    tokens: list[CellToken] = []
    several, end = False, 0
    for phone in (*_PHONE.finditer(plain), None):
        start = phone.start() if phone else len(plain)
        line = plain.count("\n", 0, end)
        between, split = tokens_of(_LABEL.sub(" ", plain[end:start]), line)
        tokens += between
        several = several or split
        if phone is not None:
            tokens.append(CellToken(PHONE, _tidy_phone(phone[0]), line=plain.count("\n", 0, start)))
            end = phone.end()
    return tokens, several


def _without_doubts(tokens: Sequence[CellToken]) -> list[CellToken]:
    """The pieces with words that may be names kept as names only beside a phone."""
    kinds = [token.kind for token in tokens]
    return [
        token._replace(kind=REST) if token.doubtful and PHONE not in kinds[max(0, at - 1) : at + 3] else token
        for at, token in enumerate(tokens)
    ]


def _pair(tokens: Sequence[CellToken]) -> tuple[list[CellPerson], list[str]]:
    """The people with their phones, without posts from before or after, and the codes of what is not clear."""
    marked = [token for token in tokens if token.kind in (NAME, PHONE)]
    runs = [list(run) for _kind, run in groupby(marked, key=lambda token: token.kind)]
    phones_lead = bool(runs) and runs[0][0].kind == PHONE and runs[-1][0].kind == NAME
    people: list[CellPerson] = []
    warnings: list[str] = []
    for names, phones in _run_pairs(runs, phones_lead):
        numbers, code = _numbers_of(names, phones, phones_lead)
        warnings += [code] if code else []
        people += [CellPerson(name.text, number, name.title) for name, number in zip(names, numbers, strict=True)]
    return people, warnings


def _run_pairs(runs: list[list[CellToken]], phones_lead: bool) -> Iterator[tuple[list[CellToken], list[CellToken]]]:
    rest = list(runs)
    while rest:
        first = rest.pop(0)
        second = rest.pop(0) if rest and (first[0].kind == NAME) != phones_lead else []
        if not second:
            yield (first, []) if first[0].kind == NAME else ([], first)
        else:
            yield (second, first) if phones_lead else (first, second)


def _numbers_of(names: list[CellToken], phones: list[CellToken], phones_lead: bool) -> tuple[list[str], str | None]:
    """The phone of each name, and the code of what is not clear."""
    numbers = [phone.text for phone in phones]
    if len(names) == len(phones):
        return numbers, None
    if not names:
        return [], "phone_alone"
    if not phones:
        return [""] * len(names), None
    if len(names) == 1:
        return [preferred_phone(numbers)], "second_phone"
    beside = names[0] if phones_lead else names[-1]
    alone = all(name is beside or name.line != beside.line for name in names)
    if len(phones) == 1 and alone and phones[0].line == beside.line:
        return [numbers[0] if name is beside else "" for name in names], None
    return [""] * len(names), "phones_unclear"


def _with_titles(tokens: Sequence[CellToken], people: Sequence[CellPerson], text: str) -> list[CellPerson]:
    """The people with the posts that stand beside their names: before them throughout, or after them."""
    words = [token for token in tokens if token.kind in (NAME, TITLE)]
    leads = bool(words) and words[0].kind == TITLE and words[-1].kind == NAME
    titles: list[list[str]] = [[] for _person in people]
    at = 0
    for token in words:
        if token.kind == NAME:
            titles[at] += [token.title] if token.title else []
            at += 1
        elif people:
            titles[min(at, len(people) - 1) if leads or at == 0 else at - 1].append(token.text)
    listed = re.sub(r"[，,]", "、", half_width(text))
    return [person._replace(title=_joined_posts(title, listed)) for person, title in zip(people, titles, strict=True)]


def _joined_posts(titles: Sequence[str], text: str) -> str:
    """The posts of a person as one text: with 、 between those that the cell lists, else with a space."""
    joined = ""
    for title in titles:
        joined += ("、" if f"{joined[-1:]}、{title}" in text else " ") + title if joined else title
    return joined


def _as_written(person: CellPerson, text: str) -> CellPerson:
    """The person with the name as the cell spells it, where parsing made its letters half-width."""
    if person.name in text or not person.name.isprintable():
        return person
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in person.name)
    return person._replace(name=wide) if wide in text else person


def _tidy_phone(text: str) -> str:
    key = phone_key(re.sub(r"^\s*00(?=86)", "", text))
    if len(key) == _MOBILE_DIGITS and key[0] == "1":
        return key
    plain = re.sub(r"\s*(?:转|分机|ext\.?)\s*:?\s*", "转", text.strip(), flags=re.IGNORECASE)
    return re.sub(r"[ ()]+", "-", plain).strip("-").replace("--", "-")


def is_unusual_name(name: str) -> bool:
    """Whether a name is unlikely to be one, or not whole: digits in it, too long, a surname with a post."""
    return len(name) > _LONGEST_NAME or is_unusual(name)
