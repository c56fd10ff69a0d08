"""What one heading says: the vocabulary of responsibility tables, the notice's own and that of other districts.

> Synonyms live here only. A heading that could be several roles (责任人, 联系人 …) has a ``weak:`` meaning;
> ``columns.py`` decides it by the columns beside it, or leaves it open, and then the import asks.
"""

from __future__ import annotations

import re
import unicodedata

from store.values.han_variants import fold_variants

PERSON_ROLES = ("lead_leader", "butler", "project_secretary", "department_contact", "enterprise_contact")
UNIT_ROLES = ("lead_unit", "service_team")
"""Held by units; a service team may name people too."""
EXPECTED_ROLES = ("lead_leader", "butler", "enterprise_contact")
"""The roles in the published table, all of which R07 requires."""
FACTS = ("category", "investment", "owner", "stage")
"""Fields of the project itself that a table may give."""
SET_ASIDE = "-"
"""The field of a column that is knowingly not read."""
NAME_LABEL, PHONE_LABEL, TITLE_LABEL, EMPLOYER_LABEL = "label:name", "label:phone", "label:title", "label:employer"
"""Headings beneath a role, which say what of its people stands there."""
WEAK_RESPONSIBLE, WEAK_CONTACT, WEAK_CHARGE = "weak:responsible", "weak:contact", "weak:charge"
WEAK_UNIT, WEAK_ENTERPRISE = "weak:unit", "weak:enterprise"
WEAK_SECRETARY, WEAK_CHIEF = "weak:secretary", "weak:chief"
_LONGEST_CELL = 100
LONGEST_HEADING = 30
_PHONE_WORD = (
    r"(?:(?:联系|办公|移动|手机|常用|固定)?(?:电话|手机)(?:号码?)?(?:(?:/|及|、|和|与)(?:手机|电话|座机)(?:号码?)?)?"
    r"|办公(?:/|及|、|和)手机|(?:联系|通讯)(?:方式|方法|号码)|方式|tel\.?|mobile|phone)[1-9一二]?"
)
_NAME_WORD = r"(?:姓名|名字|名单|人员|人员姓名|name)"
_TITLE_WORD = (
    r"(?:(?:工作|所在)?(?:单位)?(?:及|、|/|和)?(?:现任|所任|担任|行政|具体)?(?:职务|职称|职级|岗位|职位)"
    r"(?:及|、|/|和)?(?:单位|职级|职称)?)"
)
_EMPLOYER_WORD = r"(?:(?:工作|所在|所属)?(?:单位|部门)(?:名称)?)"
_LABELS = (
    (PHONE_LABEL, re.compile(_PHONE_WORD)),
    (NAME_LABEL, re.compile(_NAME_WORD)),
    (TITLE_LABEL, re.compile(_TITLE_WORD)),
    (EMPLOYER_LABEL, re.compile(_EMPLOYER_WORD)),
)
_JOINT = r"(?:及其|以及|及|和|与|、|,|/|\+|-|·|的)"
_TAIL = re.compile(rf"(?:{_JOINT}?(?:{_NAME_WORD}|{_TITLE_WORD}|{_PHONE_WORD})|{_JOINT}(?:工作)?单位)+$")
_PHONE_TAIL = re.compile(rf"{_JOINT}?{_PHONE_WORD}$")
_PURE_TITLE = re.compile(rf"(?:的)?(?![及和、/与])(?:{_TITLE_WORD}|(?:工作|所在)单位)")
_PURE_PHONE = re.compile(rf"(?:的)?{_PHONE_WORD}")
_LEADERS = "|".join(
    re.findall(
        r"\S+",
        """包保 包抓 包联 包挂 包靠 包联系 挂钩 挂联 挂点 挂包 帮包 帮联 包案 包干 分包 联系 牵头 分管 服务 帮扶
        督导 推进 责任 主管 主要""",
    )
)
_LEVEL = r"(?:省|市|区|县|旗|州|盟|厅|处)(?:级|处级)?"
"""The level of those who lead; a town or a department is none."""
_UNIT_HEAD = (
    r"(?:(?!.*(?:配合|协办|协同|属地|行业|管家|专员)).*(?:牵头|责任|主责|包保|包联|包抓|包靠|主管|负责|服务|帮扶|帮包|承办|主办|挂钩|对口"
    r"|监管|推进|落实|包挂|挂包|挂联|挂点|联系|帮联|领办|挂帅|包干|联点|归口|主抓|统筹|组织|对接|跟踪|经办|首问)(?:主体|推进|服务)?(?:单位|部门|委办局|科室|镇街|局))"
)
_BUTLER = (
    r"(?:管家|专员|专管员|特派员|服务员|服务官|服务大使|店小二|帮办(?:人|人员|员)|(?:帮)?代办(?:人|人员|员)|服务专干|首席联络员|服务(?:代表|官员)|(?:驻企|驻点|助企|联企|服务)干部"
    r"|(?:(?:服务|助企|驻企|驻点|包保|帮扶)联络|(?:服务|项目|驻企|助企)指导)员|(?:帮办|首席代办|全程代办)"
    r"|(?:跟踪|跟进|跟办|包保|包联|驻企|助企|联企)(?:服务|工作)?(?:人|人员|员))"
)
_WHO = r"(?:人|人员|员|领导|代表|干部|长|官|使|经理|书记|主任|管家|秘书)$"
"""How a heading of people ends, whatever else it speaks of: 投资方联系人 is no investment."""
_ENTERPRISE = (
    r"(?:企业|业主|公司|建设主体|投资主体|建设单位|项目单位|实施单位|建设方|项目方|投资方|投资商|甲方|厂方|客商)"
    r"(?:方|单位)?"
)
_OTHER_PARTY = r"(?:施工|承建|监理|设计|勘察|总包|分包|代建|检测|咨询|中介|金融|贷款)"
"""Those who work on a project, whose contacts are neither the department's nor the enterprise's."""
_OTHER_TRADES = "金融|银行|信贷|税务|审批|招商|法律|统计|安全|质量"
"""What a specialist is for who is no project's butler."""
_OF_ENTERPRISE = rf"{_ENTERPRISE}(?:项目|现场|主要|具体|分管|工程|总)?"
_FIELDS = tuple(
    (field, re.compile(pattern))
    for field, pattern in (
        ("number", r"[总顺]?序号?|编号|项目序号|项目编号|序列|排序|no\.?|№|#"),
        (SET_ASIDE, r"(?:填报|填表|录入|报送|审核|制表|统计|更新)(?:单位)?(?:人|人员|员|负责人)"),
        (SET_ASIDE, r"(?:督查|督办|督导|监督|监察|纪检)(?:单位|部门)?(?:人|人员|员|责任人|负责人|联系人)"),
        (
            SET_ASIDE,
            rf"(?!.*{_WHO})(?:.*(?:备注|说明|问题|困难|诉求|需求|措施|时限|期限|进度|进展|形象|投产|开工|竣工|完工|复工|工期|开竣工).*)",
        ),
        (
            SET_ASIDE,
            r"(?:主要)?(?:项目)?(?:建设)?(?:拟?选址|内容|规模|地点|地址|年限|周期|时间|工期|起止年限)(?:(?:及|和|与|、|/)(?:建设)?.*)?",
        ),
        (
            WEAK_UNIT,
            r"(?:项目)?(?:行业|属地)(?:主管|监管|责任|包保|服务|管理|牵头)?(?:单位|部门)(?:名称)?"
            r"|(?:管家)?(?:选派|派出|派驻)(?:单位|部门)|责任(?:乡镇|镇街|园区)",
        ),
        (
            SET_ASIDE,
            rf"(?:项目)?(?:概况|简介|位置|代码|编码|赋码|来源|批次|级别|等级|层级)"
            rf"|(?!.*{_WHO})(?:.*(?:行业|产业|领域|属地|乡镇|镇街|园区|街道|占地).*)|.*(?:代码|编码)",
        ),
        (
            SET_ASIDE,
            r"(?:配合|协办|协同|施工|承建|监理|设计|勘察|审核|审批)(?:单位|部门|企业)|签[名字]|盖章|是否.*|.*销号.*|.*办结.*|职责"
            r"|.*(?:职责|任务|目标|事项|举措|日期|时间|次数|频次|手续|情况)",
        ),
        (
            "investment",
            r"(?:项目|计划|预计|估算|概算)*总(?:投资|概算)(?:额|规模|估算)?|(?:项目)?投资(?:总额|额|规模|总规模|总量|估算)|(?:项目|概算|估算)投资|计划投资(?:额|总额)",
        ),
        ("category", r"(?:项目)?(?:建设)?(?:性质|类别|类型|分类|种类|属性)|(?:新|续)建?[/、或]?(?:新|续)建"),
        ("stage", r"(?:项目)?(?:建设|当前|目前|所处|推进)?(?:阶段|状态)"),
        (
            "owner",
            r"(?:项目)?(?:投资)?(?:建设|业主|投资|实施|申报|法人|落户|入驻|承担)(?:单位|主体|企业|公司|方|商|业主)(?:名称|全称)?",
        ),
        ("owner", r"业主|企业(?:名称|全称)?|公司(?:名称)?|项目(?:业主|法人单位|公司|单位|主体)(?:名称|全称)?"),
        (
            SET_ASIDE,
            rf"(?!.*{_WHO})(?:(?:投资|完成|到位|当年|年度|今年|本年|本月|累计|已完成|20\d\d年度?).+|资金(?:来源|筹措)"
            r"|.*(?:产值|税收|就业|用地|面积).*)",
        ),
        (
            "name",
            r"(?:一个)?.{0,8}(?:项目|工程)(?:名称|名|全称|简称)?(?:(?:及|和|与|、|/)(?:主要)?(?:建设)?(?:内容|规模|概况|简介).*)?|名称",
        ),
        (
            "enterprise_contact",
            rf"(?:一[名位个])?(?!.*(?:驻|助|帮|服务)企).*{_OF_ENTERPRISE}(?:侧|端|管理)?"
            r"(?:项目经理|董事长|厂长|经理|人员|联系人|联络员|联络人|负责人|对接人|经办人|代表|责任人|专员|法人代表|法定代表人|法人|总经理|联系|对接|负责同志)(?:人员|员)?",
        ),
        (WEAK_ENTERPRISE, r"(?:项目)?(?:法人代表|法定代表人|法人|现场(?:负责人|联系人|经理))|项目经理"),
        ("department_contact", rf"(?!.*{_OTHER_PARTY}).*(?:部门|单位|局|委)(?:联系人|联络员|联络人|对接人)(?:员)?"),
        ("project_secretary", r"(?:一[名位个])?(?:项目)?秘书"),
        (WEAK_SECRETARY, r".*秘书"),
        (
            "lead_leader",
            r"(?:一[名位个])?(?!.*(?:单位|部门|企业|公司|乡|镇|村|街道|督查|监督|监察|纪检))"
            r"(?!.*(?:洽谈|招商|引资|接访|信访|值班|带班|走访|陪同|参会|参加|签批|审批|检查|出席)).*领导(?:干部|同志)?"
            rf"|{_LEVEL}(?:{_LEADERS})?(?:干部|责任人|负责人)|(?:{_LEADERS}){_LEVEL}干部|(?:{_LEADERS})副?[县区市]长|[省市区县旗州]委(?:副?书记|常委)",
        ),
        (WEAK_CHIEF, r"(?:项目)?(?:总?指挥长?|总召集人|召集人|链长|组长|领衔人|挂帅人|项目长|总负责人)"),
        (
            "butler",
            rf"(?:一[名位个])?(?!.*(?:单位|部门|{_OTHER_TRADES})).*{_BUTLER}|部门(?:服务)?(?:专员|管家)|(?:项目|具体|跟踪|企业)*服务(?:责任人|负责人)",
        ),
        ("service_team", r"(?:一[套个])?.*(?:服务(?:班子|团队|小组|队伍|组)|专班|班子|工作组)(?:成员)?(?:人员|名单)?"),
        ("lead_unit", rf"(?:一个)?{_UNIT_HEAD}(?:名称)?|一个(?:部门|单位)"),
        (
            WEAK_CHARGE,
            rf"(?:项目)?(?:{_LEADERS}|包)责任人|(?:项目)?(?:包保|包抓|包联|包靠|挂钩|挂联|挂点|包挂)人员?"
            r"|.*(?:包保|包抓|包联|包靠|挂钩|挂联|挂点|挂包|包挂|帮包|包案|帮扶|帮联|责任|联系|对接|跟踪|跟进|结对)干部",
        ),
        (
            WEAK_RESPONSIBLE,
            r"(?:项目|工作|具体|直接|第一|跟踪|一线)*(?:责任人|负责人|对接人|经办人|承办人|主办人|落实人|跟进人|联系人员|工作人员|对接人员|责任人员|服务对接人|服务联系人)",
        ),
        (WEAK_CONTACT, r"(?:项目)?(?:联系人|联络员|联络人|联系人员)"),
    )
)
_FORMER_WORD = r"(?:原任?|前任|上任|曾任|历任|离任|卸任|上届|上一任|以前|之前|调整前|变更前|更换前|去年|上年)"
_FORMER = re.compile(rf"(?!原[因料材则]){_FORMER_WORD}")
_FORMER_ASIDE = re.compile(rf"(.+)[(\[〔【]({_FORMER_WORD})[)\]〕】]")
_ADJUNCT_WORD = (
    r"(?:候补|候选|后备|备选|备用|备份|预备|替补|拟任|拟派|拟聘|拟选|拟定|代理|临时|见习|助理|协助|协管|配合|第二|[bc][角岗]"
    r"|副(?![县区市州旗盟省厅局处科镇乡]?(?:长|级|书记|主席|主任)))"
)
_ADJUNCT = re.compile(_ADJUNCT_WORD)
_ADJUNCT_ASIDE = re.compile(rf"(.+)[(\[〔【]((?!.*[、/及和]){_ADJUNCT_WORD})[)\]〕】]")
_COMPOUND = re.compile(
    r"(.*(?:单位|部门|企业|公司|业主)(?:名称)?)(?:及其|及|和|与|、|,|/|\+)?((?:主要|具体|直接|项目)?(?:责任人|负责人)|联系人|联络员|对接人|.*管家|.*专员)"
)
_PERSON_WORDS = re.compile(
    r"姓名|领导|干部|人$|人员|员$|长$|管家|秘书|专员|主任|书记|成员|负责|联系|对接|经办|承办|服务|名单|组长|包保|包联|包抓|挂钩|法人|代表|经理|总监"
)
_EMPLOYER_OF = re.compile(r"(.+?)(?:的|所在|工作|所属|派出|派驻)?(?:单位|部门)(?:名称)?")
_MONEY_UNIT = re.compile(r"[/,、](?:人民币)?[万亿]?元$|[/,、][万亿]$|(?<=投资|总额|规模)[万亿]元$|(?<=额)[万亿]元$")


def normalize_heading(text: str) -> str:
    """A heading as it is compared: half-width, simplified, one case, without spaces, colons and text in brackets. A
    bracket that says 项目 stays: 企业（项目）名称 is not the enterprise's name. One that says 原 or 副 goes before:
    管家（原） is 原管家."""
    plain = fold_variants(re.sub(r"\s+", "", unicodedata.normalize("NFKC", text[:_LONGEST_CELL])).casefold())
    plain = _ADJUNCT_ASIDE.sub(r"\2\1", _FORMER_ASIDE.sub(r"\2\1", plain))
    plain = re.sub(r"[(\[〔【]([^()\[\]〔〕【】]*(?:项目|工程)[^()\[\]〔〕【】]*)[)\]〕】]", r"\1", plain)
    plain = re.sub(r"[(\[〔【][^()\[\]〔〕【】]*[)\]〕】]", "", plain)
    plain = _MONEY_UNIT.sub("", plain)
    return plain.strip(":;,.、。*※·-—_")


def meaning_of(label: str) -> str | None:
    """The meaning of a normalized heading: a field, a ``label:``, a ``weak:`` one; of a heading that joins a unit with
    a person (责任单位及责任人) both with ``&`` between; None where it is not known."""
    if not label or len(label) > LONGEST_HEADING or is_adjunct(label):
        return None
    for name, pattern in _LABELS:
        if pattern.fullmatch(label):
            return name
    if (person := _person_of_employer(label)) is not None:
        return person
    base, phoneless = base_of(label), _PHONE_TAIL.sub("", label)
    if base == label and _TAIL.fullmatch(label):
        return NAME_LABEL
    if (compound := _COMPOUND.fullmatch(base)) and (joined := _compound(compound)):
        return joined
    texts = dict.fromkeys((base, phoneless, label))
    return next((field for text in texts for field, pattern in _FIELDS if pattern.fullmatch(text)), None)


def base_of(label: str) -> str:
    """A heading without the words that only say what of a person stands there: 管家姓名及联系方式 is 管家."""
    return _TAIL.sub("", label) or label


def part_of(label: str) -> str:
    """What of a role's people a heading names: `PHONE_LABEL` for 管家电话, `TITLE_LABEL` for 管家职务, `EMPLOYER_LABEL`
    for 管家单位, else `NAME_LABEL`."""
    if _person_of_employer(label) is not None:
        return EMPLOYER_LABEL
    tail = label[len(base_of(label)) :]
    if _PURE_PHONE.fullmatch(tail):
        return PHONE_LABEL
    return TITLE_LABEL if tail and _PURE_TITLE.fullmatch(tail) else NAME_LABEL


def _person_of_employer(label: str) -> str | None:
    """The role whose people's employers a heading names: 项目管家单位, 企业联系人所在单位."""
    joint = _EMPLOYER_OF.fullmatch(label)
    role = meaning_of(joint[1]) if joint else None
    return role if role in PERSON_ROLES else None


def is_former(label: str) -> bool:
    """Whether a heading speaks of how it was before: 原包保领导, 前任管家, 调整前."""
    return _FORMER.match(label) is not None


def is_adjunct(label: str) -> bool:
    """Whether a heading names people beside or after those in office: 副管家, 候补管家, 拟任管家, 协助领导."""
    return names_people(label) and _ADJUNCT.search(label) is not None


def is_other_party(label: str) -> bool:
    """Whether a heading names one of those who work on a project: 施工单位, 监理方."""
    return re.fullmatch(rf"{_OTHER_PARTY}(?:单位|企业|公司|机构|方)(?:名称)?", label) is not None


def names_people(label: str) -> bool:
    """Whether a heading that is not understood speaks of people."""
    return _PERSON_WORDS.search(label) is not None


def _compound(joint: re.Match[str]) -> str | None:
    units = next((field for field, pattern in _FIELDS if pattern.fullmatch(joint[1])), None)
    contact = joint[2] in ("联系人", "联络员")
    joined = joint.end(1) < joint.start(2)
    if units == "lead_unit" and (joined or not contact):
        return "lead_unit&department_contact" if contact else "lead_unit&butler"
    return "owner&enterprise_contact" if units == "owner" and joined else None
