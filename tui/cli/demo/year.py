"""A year of the sample district, for the demo: twelve projects, a butler and the bureau, every register, every state.

Two homes write month after month with clocks set back, sync through the central, and act on what they have received.
The random choices are seeded, so that two demos of one day are equal; dates follow from today.
"""

from __future__ import annotations

import contextlib
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from store.commands import (
    evaluations,
    issues,
    limits,
    meetings,
    phrases,
    procedures,
    projects,
    register_lines,
    trainings,
    visits,
)
from store.commands.attaching import attaching
from store.commands.hand_over import Share, hand_over
from store.commands.people import corrected_now
from store.domain.procedure_catalogue import procedure_order
from store.domain.registers import (
    ADOPTION_REGISTER,
    CRITERION_REGISTER,
    DATA_RETURN_REGISTER,
    DELIVERY_REGISTER,
    FILE_RULE_REGISTER,
    FOLLOW_UP_REGISTER,
    POLICY_REGISTER,
    PROCEDURE_REGISTER,
    PROGRESS_REGISTER,
    STATISTICS_REGISTER,
    TIME_RULE_REGISTER,
)
from store.ledger.hlc import hlc_from_ms, system_clock_ms
from store.queries import register_lines as reading
from store.queries.projects import ProjectRow
from store.values.times import district_time
from store.values.workdays import is_workday
from store.writer.local_writes import Ledger
from tui.cli.demo.laptop import DemoLaptop
from tui.cli.demo.photos import photos_of
from tui.cli.demo.texts import (  # fmt: skip
    DEPARTMENTS,
    LEADERS,
    LINES,
    MEASURES,
    MORE_PROJECTS,
    OWNERS,
    POLICIES,
    TITLES,
    TRAININGS,
    UNITS,
    VISIT_TEXTS,
)

SEED = 20190415
DAYS, MONTH_DAYS = 364, 28
BUTLER, NEXT_BUTLER, BUREAU_OFFICER = "戌长青", "丑立春", "亥守正"
Act = Callable[[Ledger], object]
Fields = dict[str, str | int]
"""What is given with an act, by field."""
Steps = tuple[tuple[int, str, Fields], ...]
STEPS_BY_OUTCOME: dict[str, Steps] = {
    "closed": ((2, "accept", {}), (6, "progress", {"text": "已约定办理时间。"}), (9, "settle", {})),
    "disputed": ((2, "dispute", {"reason": "不属本部门职责"}), (3, "assign", {}), (4, "accept", {}), (9, "settle", {})),
    "returned": ((2, "accept", {}), (8, "settle", {}), (MONTH_DAYS + 9, "settle", {})),
    "waited": (
        (2, "accept", {}), (4, "wait", {"reason": "等设备到货", "until": "+5"}),
        (11, "progress", {"text": "设备已到。"}), (12, "settle", {})),
    "escalated": (
        (2, "accept", {}), (5, "escalate", {"reason": "本单位解决不了", "level": 2}),
        (9, "resolve", {"text": "专题会议议定由牵头部门办理。"}), (13, "settle", {})),
}  # fmt: skip
"""The steps of an issue after it was assigned, by outcome: days later, act, its fields."""


@dataclass
class SimulatedClock:
    """A wall clock set by the simulation, in milliseconds since 1970."""

    now: int

    def __call__(self) -> int:
        """The clock's time, which advances by a second at each reading."""
        self.now += 1000
        return self.now

    def advance_to(self, ms: int) -> None:
        """Advance to a moment; never back."""
        self.now = max(self.now, ms)


@dataclass
class DemoYear:
    """The agenda of the year: what happens on which day (days before today are negative), by whom. `plan` fills it and
    `play_months` plays it."""

    projects: list[ProjectRow]
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))
    today_ms: int = field(default_factory=system_clock_ms)
    _agenda: dict[str, dict[int, list[Act]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    _issue_ids: dict[str, str] = field(default_factory=dict)

    def plan(self) -> None:
        """Put the whole year on the agenda."""
        self._district()
        for place in self.projects:
            self._project(place)
            self._issues(place)
        self._one_of_each(self.projects[0])
        self._schedule("bureau", 0, hand_over, BUTLER, [Share(NEXT_BUTLER, [self.projects[-1].id])])

    def play_months(self, butler: DemoLaptop, bureau: DemoLaptop) -> Iterator[int]:
        """Play the agenda: each month the butler writes, both meet, the bureau answers. Gives the day that each month
        ends on."""
        clocks = {name: SimulatedClock(self._ms(-DAYS)) for name in ("butler", "bureau")}
        for start in range(-DAYS, 1, MONTH_DAYS):
            end = min(start + MONTH_DAYS, 1)
            for name, laptop in (("butler", butler), ("bureau", bureau)):
                laptop.sync()
                clocks[name].advance_to(max(clock.now for clock in clocks.values()))
                with backdated_ledger(laptop, clocks[name]) as ledger:
                    self._play(self._agenda[name], ledger, clocks[name], range(start, end))
                laptop.sync()
            yield end - 1

    def _play(self, agenda: dict[int, list[Act]], ledger: Ledger, clock: SimulatedClock, days: range) -> None:
        for day in days:
            for act in agenda.get(day, ()):
                clock.advance_to(self._ms(day))
                act(ledger)

    def _ms(self, day: int) -> int:
        noon = district_time(self.today_ms).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=day)
        return min(int(noon.timestamp() * 1000), self.today_ms)

    def _schedule(self, whose: str, on: int, act: Callable[..., object], /, *args: object, **options: object) -> None:
        """Put an act of a register on the agenda; it gets the ledger of whoever does it."""
        self._agenda[whose][min(on, 0)].append(lambda ledger: act(ledger, *args, **options))

    def _workday(self, day: int) -> int:
        """The first working day from ``day`` on, none later than today."""
        while day < 0 and not is_workday(district_time(self._ms(day)).date()):
            day += 1
        return min(day, 0)

    # What the bureau does for the district

    def _district(self) -> None:
        self._schedule("bureau", -DAYS, _score_lines)
        self._schedule("bureau", -DAYS, _time_rules)
        self._schedule("bureau", 0, _file_rule)
        self._schedule("bureau", 0, _phrases)
        for n, unit in enumerate(UNITS):
            status = ("set_up", "improving", "not_yet")[n % 3]
            self._schedule(
                "bureau", -300 + n, register_lines.upsert, ADOPTION_REGISTER, unit=unit, status=status, day="today"
            )
        for n, (title, issuer, text) in enumerate(POLICIES):
            facts = {"title": title, "issuer": issuer, "text": text, "issued": "today", "publicity": "public"}
            self._schedule("bureau", -330 + 80 * n, register_lines.add, POLICY_REGISTER, **facts)
            self._deliveries(title, -330 + 80 * n + MONTH_DAYS + 7)
        for n, (title, kind, organiser, hours) in enumerate(TRAININGS):
            given = {"title": title, "kind": kind, "organiser": organiser, "hours": hours, "at": "now"}
            self._schedule("bureau", -280 + 70 * n, trainings.record_training, who=[*OWNERS[: 3 + n], BUTLER], **given)
        for n, unit in enumerate(DEPARTMENTS):
            self._schedule("bureau", -10, _evaluate, unit, n)

    def _deliveries(self, policy: str, day: int) -> None:
        """The policy reaches all projects but the last two, in up to three acts a fortnight apart."""
        for n, place in enumerate(self.projects[:-2]):
            for k, act in enumerate(("transmit", "interpret", "implement")[: 1 + n % 3]):
                given = {"project": place.id, "policy": policy, "act": act, "at": "now", "who": "企业联系人"}
                self._schedule("butler", self._workday(day + 14 * k), register_lines.add, DELIVERY_REGISTER, **given)

    # What happens at one project

    def _project(self, place: ProjectRow) -> None:
        self._schedule("butler", -DAYS + 1, procedures.propose, place.id)
        last = -45 if place is self.projects[-1] else 0  # nobody has been in touch with the last one since
        for day in range(-DAYS + 3, last, 9):
            self._visit(place, self._workday(day + self.rng.randrange(4)))
        if place is self.projects[1]:
            self._swarm(place)
        self._figures(place)
        for k in range(12):
            self._schedule("butler", -DAYS + 15 + 29 * k, _procedures_move, place.id, 2 * k)

    def _visit(self, place: ProjectRow, day: int) -> None:
        how, text = self.rng.choice(("visit", "visit", "discussion", "phone", "wechat")), self.rng.choice(VISIT_TEXTS)
        who = [BUTLER, self.rng.choice(OWNERS)] if self.rng.random() < 0.2 else [BUTLER]
        self._schedule("butler", day, visits.log, project=place.id, how=how, text=text, who=who, place="施工现场")

    def _swarm(self, place: ProjectRow) -> None:
        """Five departments on site within a week: more than the district allows."""
        for n, who in enumerate(OWNERS[:5]):
            given = {"how": "visit", "text": "部门到现场检查。", "place": "施工现场"}
            self._schedule("butler", -2 + n // 3, visits.log, project=place.id, who=[BUTLER, who], **given)

    def _figures(self, place: ProjectRow) -> None:
        planned, share = self.rng.randrange(2000, 9000) * 10_000, self.rng.uniform(0.6, 1.1)
        for k in range(12, -1, -1):
            when = district_time(self.today_ms) - timedelta(days=30 * k)
            done = int(planned * min(1.0, share * when.month / 12))
            self._schedule("butler", max(-30 * k, -DAYS + 2), _report_progress, place.id, when, planned, done)
        papers = dict.fromkeys(("filing", "contract", "photo"), "today")
        self._schedule("butler", -200, register_lines.upsert, STATISTICS_REGISTER, project=place.id, **papers)

    # Issues and their lives

    def _issues(self, place: ProjectRow) -> None:
        for start in range(-DAYS + 5, -2 * MONTH_DAYS, 20):
            day = self._workday(start + self.rng.randrange(10))
            self._issue(
                place, day, self.rng.choice(("closed", "closed", "disputed", "returned", "waited", "escalated"))
            )

    def _issue(self, place: ProjectRow, day: int, life: str) -> None:
        (title, category), k = self.rng.choice(TITLES), self.rng.randrange(len(DEPARTMENTS))
        measure, evidence = self.rng.choice(MEASURES)
        key = f"{place.id}/{day}/{title}"
        kind = ("difficulty", "problem", "request")[k % 3]
        facts = {"title": title, "category": category, "kind": kind, "source": "visit"}
        self._schedule("butler", day, self._record, key, project=place.id, **facts)
        known = {
            "assign": {"department": DEPARTMENTS[k], "owner": OWNERS[k], "due": "+10"},
            "settle": {"measure": measure, "evidence": evidence},
        }
        steps = ((0, "assign", {}), *STEPS_BY_OUTCOME[life])
        for later, verb, given in steps:
            self._schedule("butler", day + later, self._act, key, verb, **known.get(verb, {}), **given)
        if life == "returned":
            self._schedule("bureau", self._month_end(day + 8), self._act, key, "return", reason="佐证材料不足")
        closed = self._month_end(day + max(later for later, _verb, _given in steps))
        self._schedule("bureau", closed, self._act, key, "approve")
        if self.rng.random() < 0.4:
            self._schedule("butler", closed + 3, self._follow_up, key)

    def _record(self, ledger: Ledger, key: str, **facts: str) -> None:
        with photos_of(key, "record", corrected_now(ledger)) as photos, attaching(ledger, photos):
            self._issue_ids[key] = issues.record(ledger, **facts).id

    def _act(self, ledger: Ledger, key: str, verb: str, **values: str | int | None) -> None:
        if verb == "edit":
            issues.edit(ledger, self._issue_ids[key], **{name: str(value) for name, value in values.items()})
            return
        with photos_of(key, verb, corrected_now(ledger)) as photos, attaching(ledger, photos):
            issues.act(ledger, self._issue_ids[key], verb, read=None, **values)

    def _follow_up(self, ledger: Ledger, key: str) -> None:
        said = ("satisfied", "satisfied", "basically", "dissatisfied")[len(key) % 4]
        given = {"at": "now", "how": "phone", "who": "企业联系人", "satisfaction": said}
        register_lines.add(ledger, FOLLOW_UP_REGISTER, issue=self._issue_ids[key], **given)

    def _month_end(self, day: int) -> int:
        """The last day of the month of the year that ``day`` is in: by then the bureau has seen it."""
        month = (day + DAYS) // MONTH_DAYS
        return min(-DAYS + (month + 1) * MONTH_DAYS - 1, 0)

    def _one_of_each(self, place: ProjectRow) -> None:
        """At the first project one issue stays in every state, so that all can be seen."""
        for title, day, acts in SAMPLE_ISSUES:
            k = len(title) % len(DEPARTMENTS)
            self._schedule("butler", day, self._record, title, project=place.id, title=title, category="utilities")
            for who, when, verb, given in acts:
                placed = {"department": DEPARTMENTS[k], "owner": OWNERS[k]} if verb == "assign" else {}
                self._schedule(who, when, self._act, title, verb, **{**placed, **given})
        for n, day in enumerate(range(-DAYS + 40, -20, 56)):
            present: dict[str, object] = {
                "chair": LEADERS[n % 3],
                "departments": DEPARTMENTS[n % 3 :][:3],
                "place": "区政府三楼",
            }
            said = "专题研究要素保障，明确责任和时限。"
            self._schedule(
                "butler", day, meetings.record_meeting, project=place.id, level=str(2 + n % 2), text=said, **present
            )


CO_HANDLED_ISSUE = "大件运输线路需多部门会办"
CO_HANDLERS = ("交通局", "公安分局")
SAMPLE_ISSUES: tuple[tuple[str, int, tuple[tuple[str, int, str, Fields], ...]], ...] = (
    ("厂区北门照明不足", -2, ()),
    ("临时道路积水待排", -5, (("butler", -5, "assign", {"due": "+4"}),)),
    ("塔吊检测报告待补", -9, (("butler", -9, "assign", {"due": "+8"}), ("butler", -8, "accept", {}))),
    ("变压器到货延期", -20, (
        ("butler", -20, "assign", {"due": "+30"}), ("butler", -19, "accept", {}),
        ("butler", -15, "wait", {"reason": "等厂家发货", "until": "+3"}))),
    ("主供电线路迁改受阻", -80, (
        ("butler", -80, "assign", {"due": "+10"}), ("butler", -79, "accept", {}),
        ("butler", -60, "escalate", {"reason": "涉及两个部门", "level": 2}),
        ("butler", -50, "resolve", {"text": "会议议定由供电公司出方案。"}),
        ("butler", -20, "escalate", {"reason": "方案仍未落实", "level": 3}),
        ("bureau", -1, "supervise", {"text": "请三日内报送方案。"}))),
    ("排污口设置论证未完成", -40, (
        ("butler", -40, "assign", {"due": "+10"}), ("butler", -39, "accept", {}),
        ("bureau", -1, "remind", {"text": "请抓紧。"}))),
    ("围挡占道审批", -12, (
        ("butler", -12, "assign", {"due": "+10"}), ("butler", -11, "accept", {}),
        ("butler", 0, "settle", {"measure": "办结占道许可", "evidence": "许可证复印件"}))),
    ("消防水池容积复核", -15, (
        ("butler", -15, "assign", {"due": "+10"}), ("butler", -14, "accept", {}),
        ("butler", -6, "settle", {"measure": "复核合格", "evidence": "复核意见"}), ("bureau", -1, "approve", {}),
        ("butler", 0, "edit", {"text": "复核后又增加一处水池，需一并审定。"}))),
    ("员工宿舍用水水压低", -16, (
        ("butler", -16, "assign", {"due": "+10"}), ("butler", -15, "accept", {}),
        ("butler", -6, "settle", {"measure": "更换水泵", "evidence": "照片"}), ("bureau", -1, "approve", {}))),
    ("绿化移植手续", -18, (
        ("butler", -18, "assign", {"due": "+10"}), ("butler", -17, "accept", {}),
        ("butler", -7, "settle", {"measure": "已移植", "evidence": "照片"}),
        ("bureau", -1, "return", {"reason": "缺移植批复"}))),
    (CO_HANDLED_ISSUE, -6, (
        ("butler", -6, "assign", {"due": "+10", "with": "；".join(CO_HANDLERS)}), ("butler", -5, "accept", {}),
        ("butler", -2, "opinion", {"text": "同意临时占道，须设置导行标志。", "department": CO_HANDLERS[0]}))),
    ("重复登记的用电问题", -8, (("butler", -7, "cancel", {"reason": "与另一问题重复"}),)),
)  # fmt: skip
"""Title, day recorded, and who did what on which day: open, assigned, in progress, waiting past its day, escalated to
level 3 and overdue, overdue with an escalation proposed, settled, approved and changed since, closed, sent back, with
two departments beside the leading one of which one has spoken, and cancelled."""


@contextlib.contextmanager
def backdated_ledger(laptop: DemoLaptop, clock: SimulatedClock) -> Iterator[Ledger]:
    """The laptop's ledger in the past: its timestamps follow this clock, although it has seen lines of today."""
    with laptop.ledger_at_clock(clock) as ledger:
        ledger.save_facts(stamp=str(hlc_from_ms(clock.now)))
        yield ledger


def set_up_district(bureau: DemoLaptop, today_ms: int) -> None:
    """The bureau puts three more projects on the list, a year ago."""
    clock = SimulatedClock(today_ms - (DAYS + 1) * 86_400_000)
    with backdated_ledger(bureau, clock) as ledger:
        for n, (name, category, yuan, stage) in enumerate(MORE_PROJECTS):
            roles = {
                "lead_leader": LEADERS[n],
                "lead_unit": UNITS[n + 1],
                "butler": BUTLER,
                "enterprise_contact": f"企联{n + 1}",
            }
            projects.add(ledger, name=name, category=category, investment_yuan=yuan, stage=stage, roles=roles,
                         reason="列入年度重点项目")  # fmt: skip


def _report_progress(ledger: Ledger, project: str, when: datetime, planned: int, done: int) -> None:
    month = f"{when:%Y-%m}"
    register_lines.upsert(ledger, PROGRESS_REGISTER, project=project, month=month, planned=str(planned), done=str(done),
    total=str(done * 2),
              physical="基础施工" if when.month < 6 else "主体施工")  # fmt: skip
    returned = None if when.date() >= corrected_now(ledger).date() else "today"
    register_lines.upsert(ledger, DATA_RETURN_REGISTER, project=project, period=month, due="+5", returned=returned)


def _procedures_move(ledger: Ledger, project: str, place: int) -> None:
    """Two more of the project's procedures are submitted, and the two before them granted."""
    found = reading.rows(
        ledger.database.connection(), PROCEDURE_REGISTER, reading.listing(PROCEDURE_REGISTER, project=project)
    )
    ids = [row["id"] for row in sorted(found, key=lambda row: procedure_order(row["code"]))]
    for line_id in ids[max(place - 2, 0) : place]:
        procedures.set_status(ledger, line_id, "granted", document=f"批〔{corrected_now(ledger).year}〕{place}号")
    for line_id in ids[place : place + 2]:
        procedures.set_status(ledger, line_id, "submitted")


def _evaluate(ledger: Ledger, unit: str, n: int) -> None:
    points = [f"{code}={int(most) - (n * k) % 9}" for k, (code, _name, most, _fact) in enumerate(LINES)]
    outcome = ("none", "commendation", "none", "criticism", "none", "none")[n]
    reason = {"commendation": "主动上门解决问题", "criticism": "应付了事"}.get(outcome)
    evaluations.evaluate(
        ledger, period=f"{corrected_now(ledger).year}", unit=unit, outcome=outcome, reason=reason, lines=points
    )


def _time_rules(ledger: Ledger) -> None:
    """Until when issues are due where nobody sets a day: by urgency, paused while the enterprise is waited for. And
    until when the bureau decides on what was settled."""
    since = corrected_now(ledger).date().isoformat()
    for urgency, days in (("immediate", 2), ("express", 3), ("urgent", 5), ("routine", 10)):
        given = {"counting": "workdays", "start": "assigned", "pauses": "enterprise", "valid_from": since}
        register_lines.add(ledger, TIME_RULE_REGISTER, days=str(days), urgency=urgency, **given)
    decided = {"act": "approve", "counting": "hours", "start": "called", "pauses": "none", "valid_from": since}
    register_lines.add(ledger, TIME_RULE_REGISTER, days="24", **decided)


def _file_rule(ledger: Ledger) -> None:
    """From next month on whoever settles an issue shows it by a file."""
    begins = corrected_now(ledger).date() + timedelta(30)
    register_lines.add(ledger, FILE_RULE_REGISTER, act="settled", count="1", valid_from=begins.isoformat())


def _phrases(ledger: Ledger) -> None:
    """What everybody in the district writes again and again."""
    for text in ("已现场核实，情况属实。", "请责任部门三日内报送办理方案。"):
        phrases.add(ledger, text=text)


def _score_lines(ledger: Ledger) -> None:
    for rank, (code, name, points, fact) in enumerate(LINES, 1):
        register_lines.upsert(
            ledger, CRITERION_REGISTER, code=code, name=name, points=points, fact=fact, rank=str(rank)
        )
    limits.set_limit(ledger, "silence", "30")
