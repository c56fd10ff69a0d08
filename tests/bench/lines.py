"""A district's ledger, made up: projects, people, visits, issues and their steps, about 600 bytes a line, Chinese.

The same seed gives the same texts, so two runs compare. Nobody in it exists: names are drawn from common characters
and phones are placeholders.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from store.ledger.line import new_id
from store.writer.local_writes import Draft

_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红建国文辉力玲亮成健世广志义兴良海山仁波宁贵福生龙元"
_SAID = tomllib.loads(Path(__file__).with_name("phrases.toml").read_text("utf-8"))
_PLACES, _WORKS, _SEEN, _ASKS = _SAID["places"], _SAID["works"], _SAID["seen"], _SAID["asks"]
_DONE, _OFFICES = _SAID["done"], _SAID["offices"]
_ACTS = (
    "assigned",
    "accepted",
    "progress",
    "progress",
    "progress",
    "waiting",
    "progress",
    "reminded",
    "settled",
    "told",
)


def _vocabulary(size: int) -> list[str]:
    """Two-character words of the common characters of GB 2312: as many different ones as real texts hold,
    which phrases alone would not (they would compress to nothing and index in no time)."""
    rng = random.Random(2312)
    common = [bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFF)]
    rng.shuffle(common)
    weights = list(accumulate(1 / (rank + 60) for rank in range(len(common))))
    return ["".join(rng.choices(common, cum_weights=weights, k=2)) for _ in range(size)]


_WORDS = _vocabulary(8_000)
_WEIGHTS = list(accumulate(1 / (rank + 40) for rank in range(len(_WORDS))))


def district(lines: int, seed: int = 20) -> Iterator[Draft]:
    """As many drafts as ``lines``: for each project 3 people, 3 assignments, 32 visits, 11 issues and some 55 steps."""
    rng = random.Random(seed)
    yield from islice(_endless(rng), lines)


def issue_ledger(issues: int, seed: int = 21) -> Iterator[Draft]:
    """A ledger of as many issues, in 100 projects, every tenth of them assigned to a department."""
    rng = random.Random(seed)
    units, projects, owner = [new_id() for _ in _OFFICES], [new_id() for _ in range(100)], new_id()
    for unit, name in zip(units, _OFFICES, strict=True):
        yield Draft("unit", {"name": name, "kind": "department"}, id=unit)
    yield Draft("person", {"name": _name(rng), "phone": _phone(rng)}, id=owner)
    for number, project in enumerate(projects, 1):
        yield Draft("project", _project_body(rng, number), project=project, id=project)
    for number in range(issues):
        project, issue, unit = projects[number % 100], new_id(), rng.choice(units)
        body = _issue_body(rng, f"W{number:06d}", unit, owner)
        yield Draft("issue", body, project=project, id=issue)
        if number % 10 == 0:
            step = {"issue_id": issue, "act": "assigned", "at": _moment(rng), "department_id": unit, "due": _day(rng)}
            yield Draft("issue_step", step, project=project)


def _endless(rng: random.Random) -> Iterator[Draft]:
    units = [new_id() for _ in _OFFICES]
    for unit, name in zip(units, _OFFICES, strict=True):
        yield Draft(
            "unit", {"name": name, "kind": "department", "phone": _phone(rng), "note": _prose(rng, _DONE, 6)}, id=unit
        )
    number = 0
    while True:
        number += 1
        yield from _project(rng, number, units)


def _project(rng: random.Random, number: int, units: list[str]) -> Iterator[Draft]:
    project, people = new_id(), [new_id() for _ in range(3)]
    names = [_name(rng) for _ in people]
    yield Draft("project", _project_body(rng, number), project=project, id=project)
    for person, name in zip(people, names, strict=True):
        yield Draft("person", {"name": name, "phone": _phone(rng), "note": _prose(rng, _DONE, 6)}, id=person)
    for role, person in zip(("lead_leader", "butler", "enterprise_contact"), people, strict=True):
        yield Draft("assignment", {"role": role, "person_id": person, "note": _prose(rng, _DONE, 6)}, project=project)
    for index in range(32):
        yield Draft("visit", _visit_body(rng, names), project=project)
        if index % 3 == 0:
            yield from _issue(rng, f"{number:04d}-{index:02d}", project, people, units)


def _issue(rng: random.Random, number: str, project: str, people: list[str], units: list[str]) -> Iterator[Draft]:
    issue, unit, owner = new_id(), rng.choice(units), rng.choice(people)
    yield Draft("issue", _issue_body(rng, number, unit, owner), project=project, id=issue)
    for act in _ACTS[: rng.randint(2, 8)]:
        body: dict[str, Any] = {"issue_id": issue, "act": act, "at": _moment(rng), "text": _prose(rng, _DONE, 5)}
        if act == "assigned":
            body |= {"department_id": unit, "owner_id": owner, "due": _day(rng)}
        yield Draft("issue_step", body, project=project)


def _project_body(rng: random.Random, number: int) -> dict[str, Any]:
    name = f"{rng.choice(_PLACES)}{rng.choice(_WORKS)}项目（{number}期）"
    return {
        "name": name,
        "number": f"XM-{number:05d}",
        "category": rng.choice(("new", "continuing", "advancing")),
        "stage": rng.choice(("signed", "started", "building")),
        "investment_yuan": rng.randint(50, 9_000) * 1_000_000,
        "owner": f"{rng.choice(_PLACES)}{rng.choice(_WORKS)}有限公司",
        "note": _prose(rng, _SEEN, 6),
    }


def _visit_body(rng: random.Random, names: list[str]) -> dict[str, Any]:
    return {
        "at": _moment(rng),
        "how": rng.choice(("visit", "discussion", "phone", "wechat")),
        "place": rng.choice(_PLACES),
        "participants": rng.sample(names, rng.randint(1, 3)),
        "text": _prose(rng, _SEEN, 6),
    }


def _issue_body(rng: random.Random, number: str, unit: str, owner: str) -> dict[str, Any]:
    return {
        "number": number,
        "title": f"{rng.choice(_PLACES)}{rng.choice(_WORKS)}：{rng.choice(_ASKS)}",
        "kind": rng.choice(("difficulty", "problem", "request")),
        "category": rng.choice(("procedure", "land", "funding", "labour", "utilities")),
        "department_id": unit,
        "owner_id": owner,
        "due": _day(rng),
        "raised_at": _moment(rng),
        "text": _prose(rng, _SEEN, 3),
    }


def _prose(rng: random.Random, phrases: Sequence[str], clauses: int) -> str:
    """One sentence as people write it, then ``clauses`` more of words drawn as unevenly as real ones are."""
    words = [
        "".join(rng.choices(_WORDS, cum_weights=_WEIGHTS, k=rng.randint(2, 6))) + f"{rng.randint(1, 999)}号"
        for _ in range(clauses)
    ]
    return "，".join([rng.choice(phrases), *words]) + "。"


def _name(rng: random.Random) -> str:
    return rng.choice(_FAMILY) + "".join(rng.choice(_GIVEN) for _ in range(rng.randint(1, 2)))


def _phone(rng: random.Random) -> str:
    return f"199000000{rng.randint(0, 99):02d}"


def _day(rng: random.Random) -> str:
    return f"2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"


def _moment(rng: random.Random) -> str:
    return f"{_day(rng)}T{rng.randint(8, 18):02d}:{rng.randint(0, 59):02d}:00+08:00"
