"""Variants of one responsibility table as offices keep it: made from a seed, with the outcome that is right.

Every variant has the same five projects. What differs is how people write: headings, columns for posts and phones,
sections or a column for the category, sheets, sums, notes, page breaks, numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from store.importing.cell_source import Cell, CellSource, SourceRow
from store.importing.table import ResponsibilityTable


class Person(NamedTuple):
    """Who serves a project."""

    name: str
    phone: str
    title: str
    unit: str


class Project(NamedTuple):
    """A project and those who serve it, in the order of `ROLES`."""

    name: str
    category: str
    people: tuple[tuple[Person, ...], ...]
    investment: int


ROLES = ("lead_leader", "butler", "enterprise_contact")
Outcome = dict[str, tuple[str | None, tuple[tuple[tuple[str, str], ...], ...]]]
Rows = list[list[str]]
_MERGED = "\0"
"""Before the text of a cell that is merged with the one above it."""


def _phone(number: int) -> str:
    return f"199000000{number:02}"


_LEADERS = [Person(name, _phone(n), "副区长", "示范区政府") for n, name in ((1, "甲建国"), (6, "己玉成"), (11, "子岚"))]
_BUTLERS = [
    Person(name, _phone(n), "副局长", f"示范区{unit}")
    for n, name, unit in (
        (2, "乙卫东", "发改局"), (4, "丁红梅", "住建局"), (7, "庚立强", "交通局"), (9, "壬福生", "工信局"),
        (12, "丑宁", "商务局"),
    )
]  # fmt: skip
_CONTACTS = [
    Person(name, _phone(n), "总经理", f"{unit}有限公司")
    for n, name, unit in (
        (3, "丙志远", "甲号新能源"), (5, "戊晓明", "乙号热力"), (8, "辛柱", "丙号物流"), (10, "癸文斌", "丁号储能"),
        (13, "寅青", "戊号冷链"),
    )
]  # fmt: skip
_SECOND_BUTLER = Person("未佳音", _phone(20), "科长", "示范区发改局")
PROJECTS = tuple(
    Project(name, category, ((leader,), (butler,), (contact,)), investment)
    for name, category, leader, butler, contact, investment in zip(
        ("示范区甲号新能源材料项目（一期）", "示范区乙号供热改造工程", "示范区丙号铁路专用线项目",
            "示范区丁号储能产业园项目", "示范区戊号冷链物流中心"),
        ("continuing", "continuing", "continuing", "new", "new"),
        (_LEADERS[0], _LEADERS[0], _LEADERS[1], _LEADERS[1], _LEADERS[2]),
        _BUTLERS,
        _CONTACTS,
        (12_000, 8_600, 5_000, 32_000, 6_800),
        strict=True,
    )
)  # fmt: skip

HEADINGS: tuple[tuple[str, str, str], ...] = (
    ("项目包保领导", "项目管家", "企业联系人"),
    ("包保领导", "项目管家", "企业联系人"),
    ("包保领导：", "项目管家：", "企业联系人："),
    ("一名领导", "项目管家", "一名企业联系人"),
    ("县级领导", "服务专员", "企业负责人"),
    ("县级包联领导", "首席服务员", "业主联系人"),
    ("挂钩领导", "责任人", "联系人"),
    ("包抓领导", "对接人", "企业联系人"),
    ("包联领导", "项目专员", "项目单位联系人"),
    ("牵头领导", "项目 管家", "企业 联系人"),
    ("包保\n领导", "项目\n管家", "企业\n联系人"),
    ("区级包保领导", "管家", "企业联络员"),
    ("责任领导", "具体责任人", "企业联系人"),
    ("联系领导", "项目负责人", "业主单位联系人"),
    ("包挂领导", "服务管家", "公司联系人"),
    ("帮扶领导", "代办员", "企业对接人"),
)
_WITH_PHONE = (
    "（联系方式）",
    "及联系方式",
    "姓名及联系方式",
    "及联系电话",
    "、电话",
    "（姓名、电话）",
    "\n（联系电话）",
    "/电话",
    "",
)
_CELLS: tuple[Callable[[Person], str], ...] = (
    lambda person: f"{person.name}\n{person.phone}",
    lambda person: f"{person.name} {person.phone}",
    lambda person: f"{person.name}{person.phone}",
    lambda person: f"{person.name}：{person.phone}",
    lambda person: f"{person.name}（{person.phone}）",
    lambda person: f"{person.name}，{person.phone}",
    lambda person: f"{person.phone} {person.name}",
    lambda person: f"{person.name}（{person.title}）\n{person.phone}",
    lambda person: f"{person.name}({person.unit}{person.title}){person.phone}",
    lambda person: f"{person.title}{person.name} {person.phone}",
    lambda person: f"{person.title} {person.name}\n{person.phone}",
    lambda person: f"{person.name}{person.title}\n{person.phone}",
    lambda person: f"{person.name}同志 {person.phone}",
    lambda person: f"{person.unit}{person.title}{person.name}\n{person.phone}",
    lambda person: f"{person.unit} {person.name} {person.phone}",
    lambda person: f"{person.name}，{person.title}，{person.phone}",
    lambda person: f"{person.name}\n{person.title}\n{person.phone}",
    lambda person: f"姓名：{person.name}\n电话：{person.phone}",
    lambda person: f"{person.name} 手机{person.phone}",
    lambda person: f"{' '.join(person.name)}\n{person.phone}",
    lambda person: f"{person.name}\n{person.phone[:3]} {person.phone[3:7]} {person.phone[7:]}",
    lambda person: f"{person.name} {person.phone[:4]}-{person.phone[4:8]}-{person.phone[8:]}",
    lambda person: f"{person.name} +86{person.phone}",
    lambda person: f"{person.name}【{person.title}】{person.phone}",
    lambda person: f"{person.name}/{person.phone}",
    lambda person: f"{person.name}（{person.title}，{person.phone}）",
)
_NUMBERS: tuple[Callable[[int], str], ...] = (
    str,
    lambda n: f"{n}.",
    lambda n: f"（{n}）",
    lambda n: "①②③④⑤⑥⑦⑧⑨"[n - 1],
    lambda n: f"{n}、",
    lambda n: "",
    lambda n: f"{n:02}",
)
_ORDERS = ((0, 1, 2), (1, 0, 2), (2, 0, 1))
_NAME_HEADINGS = (
    "项目名称",
    "项目",
    "重点项目名称",
    "建设项目名称",
    "项目名称及建设内容",
    "工程名称",
    "项 目 名 称",
    "企业（项目）名称",
)
_TITLES = (
    "示范区2019年项目管家责任分劈表",
    "2019年示范区重点项目领导包保责任表",
    "二〇一九年重点项目包联分工表",
    "示范县2019年度重点项目服务专员安排表",
    "",
)


@dataclass(slots=True)
class Variant:
    """A table, and what it must be read as. ``choices`` say how it was made."""

    source: CellSource
    outcome: Outcome
    choices: list[str]


@dataclass(slots=True)
class _Maker:
    random: Random
    choices: list[str] = field(default_factory=list)
    projects: list[Project] = field(default_factory=list)

    def pick(self, name: str, options: Sequence[object], usual: float = 0.0) -> int:
        """The place of one of the options; the first with at least this probability."""
        place = 0 if self.random.random() < usual else self.random.randrange(len(options))
        self.choices.append(f"{name}={place}")
        return place

    def chance(self, name: str, share: float) -> bool:
        """Whether something is so in this variant."""
        happens = self.random.random() < share
        if happens:
            self.choices.append(name)
        return happens


def make_variant(seed: int) -> Variant:
    """The variant of a seed."""
    maker = _Maker(Random(seed))
    doubled, pending = maker.chance("two_butlers", 0.12), maker.chance("pending", 0.1)
    for place, project in enumerate(PROJECTS):
        leader, butlers, contact = project.people
        people = (leader, (*butlers, _SECOND_BUTLER) if doubled else butlers, () if pending and place == 1 else contact)
        maker.projects.append(project._replace(people=people))
    heads, cells = _other_columns(maker, *_people_columns(maker))
    blocks = _other_sheets(maker, _arranged(maker, heads, cells))
    rows = [
        SourceRow(number, tuple(_cell_of(text) for text in texts), block)
        for block, (_place, lines) in enumerate(blocks)
        for number, texts in enumerate(lines, 1)
    ]
    outcome: Outcome = {
        project.name: (
            project.category,
            tuple(tuple((person.name, person.phone) for person in people) for people in project.people),
        )
        for project in maker.projects
    }
    return Variant(CellSource(tuple(rows), places=tuple(place for place, _lines in blocks)), outcome, maker.choices)


def _cell_of(text: str) -> Cell:
    return Cell(text.removeprefix(_MERGED), merged=text.startswith(_MERGED))


def _other_sheets(maker: _Maker, blocks: list[tuple[str, Rows]]) -> list[tuple[str, Rows]]:
    """The sheets with others of the same file: last year's table, a list of tasks, a note on how to fill it in."""
    former = [HEADINGS[0], *[("旧领导19900000090", "旧管家19900000091", "旧企联19900000092")] * 2]
    if maker.chance("last_year", 0.08):
        rows = [
            ["", name, *row] for name, row in zip(("项目名称", PROJECTS[0].name, "去年已竣工项目"), former, strict=True)
        ]
        blocks = [(f"2019年{place}", rows) for place, rows in blocks]
        blocks.append(("2018年", [["示范区2018年项目管家责任分劈表"], ["一、续建项目（2项）"], *rows]))
    if maker.chance("tasks", 0.08):
        tasks = [["序号", "工作任务", "责任单位", "完成时限"], ["1", "开展督查考评", "区营商局", "6月底前"]]
        blocks.insert(0, ("任务", tasks))
    if maker.chance("instructions", 0.06):
        blocks.append(("填表说明", [["填表说明"], ["请各单位于每月底前报送本表，联系人须填写手机号码。"]]))
    return blocks


def outcome_of(table: ResponsibilityTable) -> Outcome:
    """What a table says, in the form of a variant's outcome."""
    return {
        row.name: (
            row.category or section.category,
            tuple(tuple((each.name, each.phone) for each in row.people if each.role == role) for role in ROLES),
        )
        for section in table.sections
        for row in section.rows
    }


def _people_columns(maker: _Maker) -> tuple[Rows, Rows]:
    """The heading rows and the cells of the columns with people; one row of cells for each project."""
    words = HEADINGS[maker.pick("heading", HEADINGS)]
    style = maker.pick("people", ("cell", "cell", "phone column", "two rows", "post", "unit and post", "three rows"))
    if style <= 1:
        tail = _WITH_PHONE[maker.pick("tail", _WITH_PHONE)]
        bare = [word.rstrip("：") for word in words] if tail else list(words)
        write = _CELLS[maker.pick("cell", _CELLS)]
        stacked = len(maker.projects[0].people[1]) > 1 and maker.chance("stacked", 0.5)
        return [[word + tail for word in bare]], [
            [_cell(people, write, stacked) for people in project.people] for project in maker.projects
        ]
    parts = {
        2: ("", "联系电话"),
        3: ("姓名", "电话"),
        4: ("姓名", "职务", "手机号"),
        5: ("姓名", "工作单位", "职务", "联系电话"),
        6: ("姓名", "联系方式"),
    }[style]
    cells = [[text for people in project.people for text in _split(people, parts)] for project in maker.projects]
    first, second, third = _ORDERS[maker.pick("order", _ORDERS, 0.7)]
    words, size = (words[first], words[second], words[third]), len(parts)
    cells = [[text for at in (first, second, third) for text in row[at * size : at * size + size]] for row in cells]
    if style == 2:
        return [[text for word in words for text in (word, parts[1])]], cells
    upper = [text for word in words for text in (word, *[""] * (len(parts) - 1))]
    lower = list(parts) * len(words)
    return [["服务人员", *[""] * (len(upper) - 1)], upper, lower] if style == 6 else [upper, lower], cells


def _cell(people: Sequence[Person], write: Callable[[Person], str], stacked: bool) -> str:
    if not people:
        return "待定"
    if stacked:
        return "、".join(person.name for person in people) + "\n" + "、".join(person.phone for person in people)
    return "\n".join(write(person) for person in people)


def _split(people: Sequence[Person], parts: Sequence[str]) -> list[str]:
    if not people:
        return ["暂缺", *[""] * (len(parts) - 1)]
    values = {"": "name", "姓名": "name", "职务": "title", "工作单位": "unit"}
    return ["\n".join(getattr(person, values.get(part, "phone")) for person in people) for part in parts]


def _other_columns(maker: _Maker, heads: Rows, cells: Rows) -> tuple[Rows, Rows]:
    """The columns with number and name before those of the people, and others that a table may have."""
    below = [[""] * 2 for _head in heads[1:]]
    heads = [
        left + head
        for left, head in zip(
            [["序号", _NAME_HEADINGS[maker.pick("name", _NAME_HEADINGS, 0.4)]], *below], heads, strict=True
        )
    ]
    number = _NUMBERS[maker.pick("number", _NUMBERS, 0.5)]
    counts = {"continuing": 0, "new": 0}
    rows = []
    for project, row in zip(maker.projects, cells, strict=True):
        counts[project.category] += 1
        rows.append([number(counts[project.category]), project.name, *row])
    for heading, values in (
        ("建设单位", [contact.unit for contact in _CONTACTS]),
        ("总投资（万元）", [str(project.investment) for project in maker.projects]),
        ("牵头单位", [project.people[1][0].unit for project in maker.projects]),
        ("建设内容及规模", ["新建厂房及附属设施"] * len(rows)),
        ("开工时间", ["2019.3"] * len(rows)),
        ("形象进度", ["主体施工"] * len(rows)),
        ("所属行业", ["化工"] * len(rows)),
        ("项目阶段", ["在建", "在建", "在建", "前期", "前期"]),
    ):
        if maker.chance(heading, 0.15):
            heads = [[*head[:2], heading if at == 0 else "", *head[2:]] for at, head in enumerate(heads)]
            rows = [[*row[:2], value, *row[2:]] for row, value in zip(rows, values, strict=True)]
    if maker.chance("same_as_above", 0.1):
        rows[1] = [text if at < 2 or text != rows[0][at] else "同上" for at, text in enumerate(rows[1])]
    elif maker.chance("merged", 0.1):
        rows[1] = [text if at < 2 or text != rows[0][at] else _MERGED + text for at, text in enumerate(rows[1])]
    if maker.chance("备注", 0.3):
        heads = [[*head, "备注" if at == 0 else ""] for at, head in enumerate(heads)]
        rows = [[*row, ""] for row in rows]
    return heads, rows


def _arranged(maker: _Maker, heads: Rows, cells: Rows) -> list[tuple[str, Rows]]:
    """The sheets with their rows: sections, sheets or a column say the category."""
    above = _above(maker, len(heads[0]))
    parts = [
        [row for row, project in zip(cells, maker.projects, strict=True) if project.category == category]
        for category in ("continuing", "new")
    ]
    arrangement = maker.pick(
        "category", ("numeral", "plain", "column", "sheets", "number column", "part", "side", "merged column", "sums")
    )
    if arrangement == 2:
        return [("Sheet1", _with_column(maker, above, heads, parts))]
    if arrangement == 3:
        return [
            (place, _finished(maker, [*above, *heads], part, heads))
            for place, part in zip(("续建项目", "新建项目"), parts, strict=True)
        ]
    if arrangement == 6:
        return [("Sheet1", _beside(maker, above, heads, parts))]
    if arrangement == 7:
        heads = [["", *head] for head in heads]
        marked = [
            [[word if at == 0 else _MERGED + word, *row] for at, row in enumerate(part)]
            for word, part in zip(("续建项目", "新建项目"), parts, strict=True)
        ]
        return [("Sheet1", _finished(maker, [*above, *heads], [row for part in marked for row in part], heads))]
    lines = {
        1: (["续建项目"], ["新建项目（2项）"]),
        4: (["一", "续建项目（3项）"], ["二", "新建项目（2项）"]),
        5: (["第一部分 续建项目"], ["第二部分 新建项目"]),
        8: (["一、续建项目（3项）", "", "", "25600"], ["二、新开工项目（2项）", "", "", "38800"]),
    }.get(arrangement, (["一、计划续建项目（3项）"], ["二、计划新建项目（2项）"]))
    rows = [row for line, part in zip(lines, parts, strict=True) for row in (line, *part)]
    return [("Sheet1", _finished(maker, [*above, *heads], rows, heads))]


def _above(maker: _Maker, width: int) -> Rows:
    """The rows above the headings."""
    title = _TITLES[maker.pick("title", _TITLES)]
    above: Rows = [[title]] if title else []
    if maker.chance("annex", 0.15):
        above = [["附件1"], *above]
    if maker.chance("filled_by", 0.15):
        above += [["填报单位：示范区发改局", *[""] * (width - 2), "2019年3月1日"]]
    return above


def _with_column(maker: _Maker, above: Rows, heads: Rows, parts: list[Rows]) -> Rows:
    """One list with a column that says the category; its numbers run on."""
    heads = [[*head[:2], "建设性质" if at == 0 else "", *head[2:]] for at, head in enumerate(heads)]
    rows = [[*row[:2], word, *row[2:]] for word, part in zip(("续建", "新建"), parts, strict=True) for row in part]
    for number, row in enumerate(rows, 1):
        row[0] = row[0] and str(number)
    return _finished(maker, [*above, *heads], rows, heads)


def _beside(maker: _Maker, above: Rows, heads: Rows, parts: list[Rows]) -> Rows:
    """Two blocks side by side, with a column that says the category."""
    heads = [[*head[:2], "建设性质" if at == 0 else "", *head[2:]] for at, head in enumerate(heads)]
    left, right = (
        [[*row[:2], word, *row[2:]] for row in part] for word, part in zip(("续建", "新建"), parts, strict=True)
    )
    right = [*right, [""] * len(heads[0])]
    return [
        *above,
        *([*head, *head] for head in heads),
        *([*one, *other] for one, other in zip(left, right, strict=True)),
    ]


def _finished(maker: _Maker, above: Rows, rows: Rows, heads: Rows) -> Rows:
    """The rows of a sheet with sums, notes, blank rows and headings again after a page break."""
    width = len(heads[0])
    if maker.chance("page_break", 0.15) and len(rows) > 2:
        rows = [*rows[:2], *heads, *rows[2:]]
    if maker.chance("blank_rows", 0.2):
        rows = [line for row in rows for line in (row, [""] * width)]
    if maker.chance("sum_first", 0.12):
        rows = [["合计（5项）", *[""] * (width - 2), "64400"], *rows]
    if maker.chance("sum_last", 0.15):
        rows = [*rows, ["", "合计", *[""] * (width - 3), "64400"]]
    if maker.chance("note", 0.25):
        rows = [*rows, ["注：以上项目以区政府审定为准。"]]
    if maker.chance("signed", 0.15):
        rows = [*rows, ["填表人：申福田", *[""] * (width - 2), "联系电话：19900000099"]]
    return [*above, *rows]
