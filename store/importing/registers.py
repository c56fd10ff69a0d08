"""Recognises tables of other registers by their headings, so that none is taken for a responsibility table.

> An issue ledger has 责任单位 and 责任人, too: whoever takes it for a responsibility table ends people's roles.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from store.importing.cell_source import SourceRow
from store.importing.columns import ImportColumn
from store.importing.headings import (
    PERSON_ROLES,
    UNIT_ROLES,
    WEAK_CHARGE,
    WEAK_CHIEF,
    meaning_of,
    normalize_heading,
)
from store.importing.refusals import (
    EvaluationRefused,
    IssueLedgerRefused,
    MeetingSheetRefused,
    OtherTableRefused,
    PeopleListRefused,
    ProcedureTableRefused,
    ProgressTableRefused,
    TaskListRefused,
    VisitLogRefused,
)

_TITLE_ROWS = 10
_STRONG = frozenset(("lead_leader", "butler", "project_secretary", "enterprise_contact", "service_team"))
"""Roles that only a responsibility table has."""
_LEADING = {WEAK_CHIEF: "lead_leader", WEAK_CHARGE: "lead_leader"}
"""Words for those who lead that only such a table has, once those beside them have decided their role."""
_ISSUE = re.compile(
    r".*(?:问题|困难|诉求|难点|堵点|issue).*|.*(?:督办|交办|转办|批示|预警|协调|解决)(?:事项|内容|原因)"
)
_ISSUE_STATE = re.compile(
    r".*(?:销号|整改|办结|期限|时限|完成时间|解决|措施|答复|反馈|办理|处置|状态|进展|责任部门|责任单位|类别|due|state|owner|department).*"
)
_ISSUE_END = re.compile(
    r".*(?:销号|整改|办结|期限|时限|完成时间|解决|措施|答复|反馈|办理|处置|督办|督查|due|state|owner|department).*"
)
"""What is said of an issue and never of a project."""
_PROJECT_FACTS = frozenset(("investment", "owner", "category"))
_ISSUE_SURE = re.compile(r".*(?:销号|整改|问题编号|issueno|是否解决|办理结果|问题清单|问题类[别型]).*")
_WHEN = re.compile(r"(?:走访|服务|联系|到访|活动|会议|工作)?(?:时间|日期)|when|date")
_WHERE = re.compile(r".*(?:地点|方式|参加人员|参会人员|走访人员?|走访人|陪同).*|place|how|participants")
_WHAT = re.compile(r".*(?:情况|内容|记录|议题|事项|问题|纪要).*|whatwasseen|subject|.*issues.*")
_PROGRESS = re.compile(
    r".*(?:形象进度|进展|进度|完成投资|完成率|累计完成|本月|当月|当前进度|开工时间|竣工时间|督办情况|复工|开复工|投资计划|计划投资|入库|到位资金|physicalprogress).*"
)
_LIMIT = re.compile(r".*(?:时限|期限|完成时间|时间节点|进度要求|完成情况|工作要求|工作目标|deadline).*")
_TASK = re.compile(r".*(?:任务|事项|举措|工作内容|重点工作|工作要点|目标任务).*")
_MEETING = re.compile(r".*(?:议定|议题|decision).*")
_SCORE = re.compile(r".*(?:得分|评分|考核|考评|扣分|加分|分值|等次|名次|满意度|测评|评价|score|outcome).*")
_PROCEDURE = re.compile(
    r"(?:手续|审批事项|证照|许可|批文)(?:名称|类别|类型|事项)|(?:批复|许可|审批|立项|证书)(?:文号|编号|时间|日期)|文号"
    r"|立项|备案|核准|用地|规划|环评|能评|施工许可|土地证|安评|稳评|(?:用地|规划|施工|审批)?手续|.*许可证?|.*批复"
)
_PROCEDURE_ROW = re.compile(r"(?:未办|已办|待办|前期|审批|所需|办理)*(?:手续|审批事项|证照|许可事项)(?:名称|事项)?")
_HANDLER = re.compile(r"(?:代办|帮办|办理|经办)(?:人|人员|员|专员)")
"""Who handles one procedure, which a row is then about: no project's butler."""
_BUSINESS = re.compile(
    r".*(?:中标|开标|招标|投标|合同|报价|预算|科目|发票|拨付|采购|贷款|授信|融资|欠薪|工资|信访|招聘|岗位).*"
)
"""Columns of tables that the work of other offices needs."""
_LEDGER_TITLE = re.compile(
    r"问题.*(?:台账|清单|表)|(?:走访|服务|工作)(?:台账|日志|记录)|(?:进展|进度|调度)(?:情况)?.*表|任务(?:分解|清单)"
)
_SURVEY_TITLE = re.compile(r"考核|考评|评分|评价|满意度|测评|督办|预警|走访|日志|培训|签到|手续")
_DUTY_TITLE = re.compile(r"责任(?:分劈|分工|分解)?表|包保|包联|包抓|挂钩|管家|服务专员|分工表|六个一")
_REPORT_TITLE = re.compile(
    r"工作汇总分析|会议议题单|考评表|解决问题台账|项目管家工作台账|服务日志|summaryof|servicelog|issueledger|workledger"
)


def other_register(columns: Sequence[ImportColumn], titles: Sequence[str]) -> OtherTableRefused | None:
    """The error that refuses these columns as another register's; None for a responsibility table."""
    labels = [label for column in columns for label in _labels(column.heading)]
    strong = {part for column in columns for part in (column.field or "").split("&")} & _STRONG
    sure = {_LEADING.get(field, field) for label in labels if (field := meaning_of(label))} & strong
    title = "".join(normalize_heading(title) for title in titles)
    duty = _DUTY_TITLE.search(title) is not None and _SURVEY_TITLE.search(title) is None
    roles = len(sure) + duty
    facts = {column.field for column in columns} & _PROJECT_FACTS
    if roles == 1 and facts and not _count(_ISSUE_END, labels) and not _count(_ISSUE_SURE, labels):
        labels = [label for label in labels if not _ISSUE.fullmatch(label)]  # a project's row may tell of problems
    by_headings = _by_headings(labels, roles)
    if by_headings is not None:
        return by_headings
    of_procedures = _count(_PROCEDURE_ROW, labels) > 0 and roles <= (_count(_HANDLER, labels) > 0)
    if of_procedures or (roles < 2 and _count(_PROCEDURE, labels) > 1):
        return ProcedureTableRefused()
    if roles < 2 and (_LEDGER_TITLE.search(title) or _count(_BUSINESS, labels) > 1):
        return OtherTableRefused()
    return None


def tells_of_roles(columns: Sequence[ImportColumn], titles: Sequence[str]) -> bool:
    """Whether the title or a column that nobody guessed says that this is a responsibility table."""
    roles = {part for column in columns if not column.guessed for part in (column.field or "").split("&")}
    return bool(roles & {*PERSON_ROLES, *UNIT_ROLES}) or any(
        _DUTY_TITLE.search(normalize_heading(title)) for title in titles
    )


def unknown_register(rows: Sequence[Sequence[str]]) -> OtherTableRefused | None:
    """The error that refuses a table without headings of a responsibility table, where its first rows tell what it
    is."""
    for row in rows:
        labels = [label for text in row for label in _labels(text)]
        if len(labels) > 2 and (known := _by_headings(labels, 0) or _people_list(labels)):
            return known
    return None


def is_report(rows: Sequence[SourceRow], place: str) -> bool:
    """Whether the lines above a table, or the name of its sheet, are the title of a report of this program."""
    lines = [place, *(cell.text for row in rows[:_TITLE_ROWS] for cell in row.cells[:1])]
    return any(len(line) < 60 and _REPORT_TITLE.search(normalize_heading(line)) for line in lines)


def _by_headings(labels: Sequence[str], roles: int) -> OtherTableRefused | None:
    """What these headings are the headings of. ``roles``: how many roles of a responsibility table they name."""
    issues, states = _count(_ISSUE, labels), _count(_ISSUE_STATE, labels)
    if roles < 2 and (_count(_SCORE, labels) or _count(_MEETING, labels)):
        return EvaluationRefused() if _count(_SCORE, labels) else MeetingSheetRefused()
    if _count(_WHEN, labels) and _count(_WHERE, labels) and _count(_WHAT, labels):
        return VisitLogRefused()
    if issues and (_count(_ISSUE_SURE, labels) or (roles < 2 and states)):
        return IssueLedgerRefused()
    if roles == 0 and (_count(_TASK, labels) or (_count(_LIMIT, labels) and not _count(_PROGRESS, labels))):
        return TaskListRefused()
    return ProgressTableRefused() if _count(_PROGRESS, labels) > roles and roles < 2 else None


def _people_list(labels: Sequence[str]) -> OtherTableRefused | None:
    named = {"姓名", "名字"} & set(labels)
    return PeopleListRefused() if named and not any("项目" in label for label in labels) else None


def _labels(heading: str) -> list[str]:
    return [label for part in heading.split("/") if (label := normalize_heading(part))]


def _count(pattern: re.Pattern[str], labels: Sequence[str]) -> int:
    return sum(pattern.fullmatch(label) is not None for label in labels)
