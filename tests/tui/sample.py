"""A small district in a real encrypted home, the same on every run: fixed ids, a fixed clock, no real people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from store.db.database import Database
from store.ledger.line import derived_id
from store.values.times import SHANGHAI
from store.writer.local_writes import Draft, Ledger
from store.writer.upgrade import create_store, open_store

KEY = bytes(range(32))
NOON = datetime(2026, 5, 20, 12, 0, tzinfo=SHANGHAI)
"""The fixed time of the sample's clock; a Wednesday."""
NOON_MS = int(NOON.timestamp() * 1000)
DAY_MS = 86_400_000

PROJECTS = (
    ("continuing", "北山新能源材料有限公司年产9万吨碳酸甲乙酯项目", "甲建国", "乙卫东", "丁红梅"),
    ("continuing", "示范区“三供一业”供热、物业改造工程", "辛柱", "壬福生", "癸文斌"),
    ("continuing", "丁香湖旅游风景基础设施项目", "子岚", "丑宁", "寅青"),
    ("continuing", "鼎力光伏农业发展有限公司二期20兆瓦光伏发电项目", "戊晓明", "卯金海", "辰峰"),
    ("continuing", "金德热源有限责任公司铁路专用线项目", "戊晓明", "巳士杰", "午武"),
    ("new", "昊瑞化工科技有限公司年产200吨精细化工中间体产品建设项目", "乙卫东", "未佳音", "申福田"),
    ("new", "示范区工业固废综合利用产业园", "子岚", "壬福生", "酉长河"),
    ("advancing", "智能矿山装备（一期）", "甲建国", "乙卫东", None),
)
UNITS = ("发展和改革局", "自然资源分局", "住房和城乡建设局", "生态环境分局", "供电公司")


@dataclass(frozen=True)
class Sample:
    """A home with a store in it, still open."""

    home: Path
    database: Database
    ledger: Ledger

    def open(self) -> Database:
        """The store, opened again, as a program does."""
        return open_store(self.home / "ledger.db", KEY)


def line_id(*parts: object) -> str:
    """The id of a sample line."""
    return derived_id("sample", *map(str, parts))


def issue_id(number: int) -> str:
    """Ids of issues sort by their number, as real ones do by their time."""
    return f"019e0000-0000-7000-8000-{number:012d}"


def visit_draft(ledger: Ledger) -> dict[str, Any] | None:
    """The draft of the new visit to the first project, the one under the cursor when the app opens."""
    return ledger.load_draft(f"visit:new:{line_id('project', 1)}")


def make_home(path: Path, *, now_ms: int = NOON_MS, **meta: str) -> Sample:
    """An empty ledger of one officer who has joined a central."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = {
        "district": "210903",
        "district_name": "示范区",
        "person": line_id("person", "乙卫东"),
        "person_name": "乙卫东",
        "device": line_id("device"),
        **meta,
    }
    database = create_store(path / "ledger.db", KEY, facts)
    return Sample(path, database, Ledger(database, wall_clock=lambda: now_ms))


def sample_home(path: Path) -> Sample:
    """The whole sample district."""
    sample = make_home(path, central="https://guanjia.example")
    people = sorted({name for _category, _project, *names in PROJECTS for name in names if name})
    drafts = [Draft("unit", {"name": name, "kind": "department"}, id=line_id("unit", name)) for name in UNITS]
    drafts += [person(name, number) for number, name in enumerate(people, 1)]
    for number, (category, name, *serving) in enumerate(PROJECTS, 1):
        drafts += project(number, category, name, serving)
    at = sample.ledger
    at.put_many(drafts)
    at.put_many([*visits(), *issues()])
    for offset, step in enumerate(steps()):  # each later than the one before it
        sample.ledger.wall_clock = lambda ms=NOON_MS - 20 * DAY_MS + offset * 60_000: ms  # type: ignore[misc]
        sample.ledger.put_many([step])
    sample.ledger.wall_clock = lambda: NOON_MS
    sent(sample)
    return sample


def sent(sample: Sample) -> None:
    """As after a round at 11:58 that sent everything but three visits."""
    at = "2026-05-20T11:58:00+08:00"
    last_round = f'{{"at": "{at}", "outcome": "done", "pushed": 6, "pulled": 14}}'
    waiting = [line_id("visit", number) for number in range(3)]
    with sample.database.write() as connection:
        connection.execute("DELETE FROM outbox WHERE id NOT IN (?, ?, ?)", waiting)
        facts = {"verified_at": at, "reached": at, "last_round": last_round}
        connection.executemany("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", facts.items())


def person(name: str, number: int) -> Draft:
    """A person with a placeholder's phone."""
    return Draft("person", {"name": name, "phone": f"199000000{number:02d}"}, id=line_id("person", name))


def project(number: int, category: str, name: str, serving: Sequence[str | None]) -> list[Draft]:
    """A project and who serves it."""
    project_id = line_id("project", number)
    body: dict[str, Any] = {"name": name, "number": str(number), "category": category, "stage": "building"}
    if number == 1:
        body |= {"owner": "北山新能源材料有限公司", "investment_yuan": 620_000_000, "note": "二期用地正在报批"}
    drafts = [Draft("project", body, id=project_id)]
    for role, who in zip(("lead_leader", "butler", "enterprise_contact"), serving, strict=True):
        if who:
            role_body = {"role": role, "person_id": line_id("person", who)}
            drafts.append(Draft("assignment", role_body, project_id, line_id("assignment", number, role)))
    if number in (1, 2):
        unit = {"role": "lead_unit", "unit_id": line_id("unit", UNITS[0])}
        drafts.append(Draft("assignment", unit, project_id, line_id("assignment", number, "lead_unit")))
    return drafts


SEEN = "主体厂房已封顶，正在安装反应釜。企业反映外部供电线路尚未接通，影响调试。"
VISITS = (
    (1, "2026-05-20T09:10+08:00", "visit", "项目现场", SEEN),
    (1, "2026-05-12T14:30+08:00", "phone", None, "询问用地手续进展，企业称材料已补齐。"),
    (2, "2026-05-18T10:00+08:00", "discussion", "街道会议室", "与施工单位座谈，管网改造完成六成。"),
    (3, "2026-03-02T15:00+08:00", "wechat", None, "发送政策清单。"),
    (6, "2026-05-19T08:40+08:00", "meeting", "区政府三楼", "专题会议：环评批复加急办理。"),
)


def visits() -> list[Draft]:
    """The service log."""
    found = []
    for number, (project_number, at, how, place, text) in enumerate(VISITS):
        body = {"at": at, "how": how, "place": place, "text": text, "participants": ["乙卫东", "丁红梅"]}
        body = {name: value for name, value in body.items() if value is not None}
        found.append(Draft("visit", body, line_id("project", project_number), line_id("visit", number)))
    return found


ISSUES = (
    (1, "外部供电线路未接通，影响设备调试", "problem", "utilities", "供电公司", "2026-05-18"),
    (1, "二期用地报批材料补正", "difficulty", "land", "自然资源分局", "2026-05-22"),
    (2, "管网改造段居民诉求集中", "request", "other", "住房和城乡建设局", "2026-06-30"),
    (6, "环境影响评价批复加急", "request", "procedure", "生态环境分局", "2026-05-29"),
    (4, "并网验收时间未定", "problem", "utilities", None, None),
    (7, "流动资金贷款展期", "difficulty", "funding", None, None),
)


def issues() -> list[Draft]:
    """The issue ledger."""
    found = []
    for number, (project_number, title, kind, category, _department, _due) in enumerate(ISSUES, 1):
        body = {"number": f"W2026-{number:03d}", "title": title, "kind": kind, "category": category, "source": "visit"}
        body |= {"raised_at": "2026-04-28T09:00+08:00", "text": f"{title}。企业希望尽快明确责任单位和办结时间。"}
        found.append(Draft("issue", body, line_id("project", project_number), issue_id(number)))
    return found


def steps() -> list[Draft]:
    """What was done about them."""
    found = []
    for number, (project_number, _title, _kind, _category, department, due) in enumerate(ISSUES, 1):
        recorded = {"issue_id": issue_id(number), "at": "2026-04-28T09:00+08:00", "act": "recorded"}
        found.append(Draft("issue_step", recorded, line_id("project", project_number), line_id("recorded", number)))
        if department is None:
            continue
        assigned = {"act": "assigned", "department_id": line_id("unit", department), "due": due}
        acts: list[dict[str, Any]] = [{**assigned, "owner_id": line_id("person", "巳士杰")}]
        if number <= 3:
            acts += [{"act": "accepted"}, {"act": "progress", "text": "已现场踏勘，正在编制方案。"}]
        if number == 3:
            acts.append({"act": "settled", "measure": "逐户走访，分段施工", "evidence": "回访记录3份"})
        for place, act in enumerate(acts):
            body = {"issue_id": issue_id(number), "at": f"2026-05-0{number}T1{place}:00+08:00", **act}
            found.append(Draft("issue_step", body, line_id("project", project_number), line_id("step", number, place)))
    return found
