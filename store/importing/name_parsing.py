"""Tells names, posts and remarks apart in the text of a cell, between its phones.

> Brackets come before separators: what stands in them belongs to the name before. Posts and employers before or after a
> name are its title. Placeholders, remarks and units are never people; what is left out is told.
"""

from __future__ import annotations

import re
from typing import NamedTuple

NAME, TITLE, REST, PHONE = "name", "title", "rest", "phone"
"""The kinds of `CellToken`: a person's name, a post or employer, what is neither, a phone."""
HAN = "\u3400-\u9fff\uf900-\ufaff\ue815-\ue864\U00020000-\U0003ffff〇"
_DOTS = "·・•‧∙⋅▪.．"
_CHINESE = re.compile(f"[{HAN}]+(?:[{_DOTS}][{HAN}]+)*")
_CORE = (
    r"(?:[区县市省州盟旗镇乡村局处科股部厂站所院校会厅组队班室社行园司团总]长|主任(?:科员)?|书记|经理|主席|科员|干事|总监|董事|监事"
    r"|负责人|法定代表人|专员|主管|调研员|巡视员|督导员|组织员|院士|工程师|会计师|设计师|律师|常委|委员|秘书|助理|顾问|总裁|总工|股东|法人"
    r"|代表|公务员|办事员|网格员|联络员|联系人|指挥长|政委|协理员|检察长|审判长|秘书长|董事长|老总|职员|专干|干部|指挥|总指挥|组员|成员|高工)"
)
_MODIFIER = (
    r"(?:区|县|市|省|州|旗|镇|乡|村|局|委|党组|党委|党工委|工委|政府|人大|政协|管委会|纪委|统战部?|组织部?|宣传部?|政法委|常务|第一|原|副|代|兼"
    r"|代理|常委|执行|总|技术|项目|行政|办公室|综合|[一二三四]级|正|科|处|部门|安全|生产|财务|销售|市场|工程|人事|教授级|高级|党支部|支部|企业|公司|、|,|/)"
)
_POST = re.compile(rf"{_MODIFIER}*{_CORE}(?:(?:、|,|/|兼|及)?{_MODIFIER}*{_CORE})*")
_UNIT_END = (
    r"(?:局|委员会|委|办公室|办|政府|公司|集团|中心|街道|街道办|银行|[支分]行|办事处|管委会|指挥部|专班|班子|领导小组|工作组|小组|[大支中]队"
    r"|研究院|设计院|医院|学校|园区|开发区|新区|企业|项目部|总部|事务所|分局|总局|税务所|供电所|派出所|工厂|电厂|工会|商会|协会|总会|部门|单位"
    r"|有限责任|人大|政协|纪委|人民法院|检察院|科技局|[镇乡村]政府|社区|党委|党组|组织部|宣传部|统战部|武装部)"
)
_UNIT = re.compile(rf".{{1,}}{_UNIT_END}")
_LONG_UNIT = re.compile(r".{3,}(?:镇|乡|村|厂|所|站|院|科|处|股|部|室|行|会|组|队)")
_POST_AFTER_UNIT = re.compile(
    rf".{{1,}}(?:{_UNIT_END}|[镇乡村厂所站院科处股部室会队区县市]){_MODIFIER}*{_CORE}(?:.*{_CORE})?"
)
_ENDS_IN_POST = re.compile(rf"{_CORE}$")
_COURTESY = re.compile(r"(?:同志|先生|女士|老师)+$")
_NUMBERING = re.compile(r"^(?:\d{1,2}[.、)]|[①-⑳])\s*")
_NO_NAME = frozenset(
    re.findall(
        r"\S+",
        """待定 待落实 待明确 待确定 待补充 待招聘 待任命 未定 未落实 未确定 未明确 暂无 暂缺
        空缺 无 没有 不详 不明 同上 同左 同前 同下 〃 ″
        另定 另行通知 另行确定 见附件 见备注 详见附件 略 保密 已调离 已离职 已退休 已调走 拟任 本人
        自行负责 企业自行 相关人员 有关人员 全体人员
        各部门 各单位 企业 项目 部门 单位 领导 干部 人员 同志 姓名 电话 手机 联系 负责 其他
        明确 确定 落实 指定 安排 暂定
        待 未 空 缺 略 等 若干 多人 数人 统一 汇总 合计 小计
        共计 总计 备注 说明 招商中 洽谈中 筹备中 在建 续建 新建 停工 完工 未开工 已开工
        前期 签约 市直 区直 县直 专人负责 专班负责 专班 选派中 报送 空白 在谈 拟定 拟选
        区领导 县领导 市领导 省领导 镇领导
        局领导 各领导 分管领导 主要领导 有关领导 相关领导 县级领导 区级领导 市级领导 班子成员""",
    )
)
_NO_START = frozenset("无没停已在不需请按可正将拟暂均含待见详另各该本此其并或被把")
_NO_WORDS = re.compile(
    r"企业|项目|电话|手机|联系电话|联系方式|负责|部门|单位|政府|姓名|办理|协调|落实|确定|调整|变更|调离|离职|退休|人员|工作|分管|牵头|配合|建设|完成|班子|科室|另行|研究|指定|全体|等\d*名|等\d*人?$|\d+人"
)
_SHORT_UNIT = re.compile(
    r"[区县市省州旗镇乡]委|[区县市省]府"
    r"|[区县市省州旗]?(?:人大|政协|纪委|党委|法院|街道|社区|财政|税务|发改|工信|住建|交通|水利|环保|商务|国土|政府"
    r"|林业|农业|教育|卫生|卫健|文旅|民政|审计|统计|信访|司法|公安|应急|人社|城管|招商|营商|科技|供电|国资)"
)
"""Employers of two or three ideographs, which look like names: 发改, 市财政."""
_OFFICE_START = re.compile(r"[区县市省州旗镇乡](?:委|人大|政协|政府|纪委)")
"""How no name begins: 县委区 is the beginning of 县委区委常委."""
_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍"
    "余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫经房裘缪干解应宗丁宣"
    "邓郁单杭洪包诸左石崔吉钮龚程嵇邢裴陆荣翁荀羊惠甄曲封芮储靳段富巫乌焦巴弓车侯全班仰秋仲伊宫宁仇栾甘祖武符刘景詹束龙叶幸司韶黎薄印宿白怀蒲从索赖卓蔺屠蒙池乔闻党翟谭劳申扶冉雍桑桂"
    "濮牛寿边燕冀尚温庄晏柴瞿阎慕连习艾容向古易廖庾居衡步耿满弘匡文寇广东欧利巩聂晁敖冷辛阚那简饶曾沙养丰关相查荆红游竺权盖益桓覃佟岳帅缑亢况琴商牟佘墨哈谯爱阳苟郜肖闫仝敬战付代隋修"
    "初贡呼丛"
)
"""The surnames of one ideograph that nearly all people have."""
_WORD_NAME = re.compile(
    rf"[{''.join(sorted(_SURNAMES))}]"
    r"(?:建设|协调|落实|确定|变更|离职|退休|工作|牵头|配合|完成|统一|说明|明确|安排|政府|企业|办理|全体|研究|指定)"
)
"""A surname with a given name that is a common word, too: a person where a phone stands beside."""
_NAMED_AFTER = re.compile(r"[^在已未待正市区县省新续扩改城]建设")
"""A given name that is also a common word: 王建设."""
_COMPOUND = frozenset(
    re.findall(
        r"\S\S",
        "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 令狐 长孙 慕容 司徒 夏侯 宇文 独孤 南宫 端木 百里 呼延 司空 澹台 公羊",
    )
)
_NAME_ADDRESSED = re.compile(rf"[{HAN}]{{2,3}}[总局处]")
"""A name with how its bearer is addressed: 孙立总."""
_SURNAME_POST = re.compile(rf"(?:[{HAN}]|{'|'.join(sorted(_COMPOUND))})(?:{_CORE}|总|工|局|处|科|书记)")
_PHONE_KIND = (
    r"(?:微信同号|同微信|微信号?|QQ号?|qq号?|手机号?|电话|联系电话|办|宅|办公|办公室|座机|固话|宅电|家庭|短号|小号|虚拟网|内线|分机|传真|备用|常用"
    r"|私人|工作日?|白天|夜间|晚上|节假日|休息日|值班)"
)
"""Words that say what a phone is."""
_BRACKET_NOISE = re.compile(rf"|[男女]|.{{1,3}}族|{_PHONE_KIND}|(?:中共)?党员|[ABab]角|[ABab]岗|企业|[正主副]")
_AND_OTHERS = re.compile(r"等(?:共?\d+人|[一二三四五六七八九十]+人|人)?$|(?<=.)\d+人$")
_CHANGED = re.compile("(原|现)(.{2,4})")
"""Who served before, which is told, and who serves now: 原孙立新，现许志强."""
_NOISE = re.compile(r"[A-Za-z]{1,2}[岗角]|[①-⑳]")
_ASIDE = re.compile(
    rf"[男女]|.{{1,2}}族|(?:中共)?党员|联系人|联络员|企业联系人|(?:项目)?管家|包保领导|领导|{_PHONE_KIND}"
)
"""Words beside a name that are neither name nor post."""
_MAX_DOUBTFUL = 10
_LONGEST_WORD = 40
"""A longer word is a remark; the patterns above are never run on it."""


class CellToken(NamedTuple):
    """A piece of a cell. ``title`` belongs to a name; ``doubtful``: only a phone beside it makes it a person; ``line``
    counts from 0."""

    kind: str
    text: str
    title: str = ""
    doubtful: bool = False
    line: int = 0


def tokens_of(text: str, first_line: int = 0) -> tuple[list[CellToken], bool]:
    """The pieces of normalized text without phones, and whether a run of text was split into several names."""
    text, brackets = _take_brackets(text)
    tokens: list[CellToken] = []
    several = False
    line = first_line
    for row in _rows(text):
        for part in re.split(r"[、,;/|&\\]|(?<=[^\s])\+(?=[^\s])", row):
            pieces, split = _part_tokens(_strip_noise(part), brackets)
            tokens += [piece._replace(line=line) for piece in pieces]
            several = several or split
        line += 1
    return tokens, several


def is_unit(word: str) -> bool:
    """Whether a word is an employer and not a post."""
    return (
        _POST.fullmatch(word) is None
        and len(word) >= 2
        and (_UNIT.fullmatch(word) or _LONG_UNIT.fullmatch(word)) is not None
    )


def is_unusual(name: str) -> bool:
    """Whether a name has the shape of few names: with a post (王主任, 孙立总), digits, four and more ideographs."""
    if _CHINESE.fullmatch(name) is None:
        return re.search(rf"\d|[{HAN}]", name) is not None
    dotted = any(dot in name for dot in _DOTS)
    addressed = _SURNAME_POST.fullmatch(name) or _NAME_ADDRESSED.fullmatch(name)
    return not dotted and (addressed is not None or not _is_plain_name(name))


def begins_as_name(text: str) -> bool:
    """Whether a text is a name of the usual shape that begins with a usual surname."""
    return (text[:1] in _SURNAMES or text[:2] in _COMPOUND) and _is_plain_name(text)


def is_no_name(text: str) -> bool:
    """Whether a text is a placeholder or a common word, and so nobody's name."""
    return text in _NO_NAME


def _take_brackets(text: str) -> tuple[str, list[str]]:
    """The text with each bracket replaced by a mark, and the brackets' contents."""
    depth = lowest = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        lowest = min(lowest, depth)
    text = "(" * -lowest + text + ")" * (depth - lowest)  # a phone between them parts brackets
    contents: list[str] = []

    def mark(bracket: re.Match[str]) -> str:
        contents.append(re.sub(r"\s+", "", bracket[1]).strip("、,;:。.-"))
        return f"\x01{len(contents) - 1}\x02"

    return re.sub(r"\(([^()]*)\)", mark, text), contents


def _rows(text: str) -> list[str]:
    """The lines of a cell; one line where a name was wrapped, which a line of one character shows."""
    lines = [line.strip(" \t-.") for line in text.split("\n")]
    filled = [line for line in lines if line]
    bare = [re.sub("\x01\\d+\x02|\\s", "", line) for line in filled]
    wrapped = any((len(line) == 1 and re.fullmatch(f"[{HAN}]", line)) or line in _COMPOUND for line in bare)
    if wrapped and not any(len(line) > 4 for line in bare):
        return [" ".join(filled)]
    return filled


def _strip_noise(part: str) -> str:
    bare = _NUMBERING.sub("", part.strip(" \t()-_.。:—–~｜*※☎✆★☆●◆■▲△○◎"))
    return _NOISE.sub(" ", bare).strip()


def _part_tokens(part: str, brackets: list[str]) -> tuple[list[CellToken], bool]:
    """The pieces of a part between separators, with what its brackets say."""
    inside = [brackets[int(found[1])] for found in re.finditer("\x01(\\d+)\x02", part)]
    titles = [text for text in inside if not _BRACKET_NOISE.fullmatch(text)]
    outside = re.sub("\x01\\d+\x02", " ", part).strip()
    tokens, several = _word_tokens(outside)
    named = [place for place, token in enumerate(tokens) if token.kind == NAME]
    for title in titles:
        said = _bracket_token(title, bool(named))
        if said.kind == TITLE and named:
            last = tokens[named[-1]]
            tokens[named[-1]] = last._replace(title=" ".join(filter(None, (last.title, said.text))))
        else:
            tokens.append(said)
    return tokens, several


def _bracket_token(text: str, after_name: bool) -> CellToken:
    """What a bracket says: a post or employer, a name where none stands before it, or a remark."""
    if _is_title(text) or len(text) == 1:
        return CellToken(TITLE, text)
    token = _classify(text)
    if token.kind == NAME and after_name and not token.title:
        return CellToken(REST, text)
    if token.kind == REST and after_name and not is_no_name(text) and not _NO_WORDS.search(text):
        return CellToken(TITLE, text)
    return token


def _word_tokens(text: str) -> tuple[list[CellToken], bool]:
    """The pieces of a part without brackets: names may be padded with spaces."""
    words = [_NUMBERING.sub("", word) for word in text.split() if not _ASIDE.fullmatch(word)]
    if not words:
        return [], False
    if not any(re.search(f"[{HAN}]", word) for word in words):
        return [_latin(" ".join(words))], False
    tokens: list[CellToken] = []
    for word in _joined_names(words):
        named, more = _AND_OTHERS.sub("", word), _AND_OTHERS.search(word)
        tokens += _split_joint(named) if named else []
        tokens += [CellToken(REST, more[0])] if more else []
    names = [token for token in tokens if token.kind == NAME]
    return tokens, len(names) > 1


def _latin(text: str) -> CellToken:
    letters = re.fullmatch(r"[A-Za-z][A-Za-z .,'’-]+", text)
    return CellToken(NAME, text) if letters and len(text) > 2 else CellToken(REST, text)


def _joined_names(words: list[str]) -> list[str]:
    """The words with padded names joined: 辛 柱, 甲 建国, 欧阳 修竹."""
    if [len(word) for word in words] == [2, 1] and all(map(_CHINESE.fullmatch, words)):
        return ["".join(words)]
    joined: list[str] = []
    open_to = 0
    for word in words:
        short = _CHINESE.fullmatch(word) is not None and len(word) <= 2 and not _is_title(word)
        room = open_to >= len(word) and short
        if joined and room:
            joined[-1] += word
            open_to = max(0, open_to - len(word)) if len(word) == 1 and len(joined[-1]) < 3 else 0
        else:
            joined.append(word)
            open_to = 2 if short and (len(word) == 1 or word in _COMPOUND) else 0
    return joined


def _split_joint(word: str) -> list[CellToken]:
    """A word, split at 和 与 及 where names stand on both sides."""
    for found in re.finditer("[和与及]", word if len(word) <= _LONGEST_WORD else ""):
        left, right = word[: found.start()], word[found.end() :]
        if len(left) >= 2 and len(right) >= 2 and len(word) >= 5:
            both = [_classify(left), _classify(right)]
            if all(token.kind == NAME and not token.doubtful for token in both):
                return both
    return [_classify(word)]


def _classify(word: str) -> CellToken:
    """What one word is."""
    bare = _COURTESY.sub("", word) or word
    if len(word) > _LONGEST_WORD or is_no_name(bare) or is_no_name(word) or word[0].isdecimal():
        return CellToken(REST, word)
    if known := _changed(bare) or (_glued(bare) if bare.endswith("常委") else None):
        return known
    if _is_title(bare):
        return CellToken(TITLE, bare)
    if _CHINESE.fullmatch(bare) is None:
        return CellToken(NAME if len(bare) <= _MAX_DOUBTFUL else REST, bare, doubtful=True)
    if any(dot in bare for dot in _DOTS) or _SURNAME_POST.fullmatch(bare):
        return CellToken(NAME, bare)
    return _glued(bare) or _plain(bare)


def _changed(word: str) -> CellToken | None:
    """Who serves now, or who served before."""
    said = _CHANGED.fullmatch(word)
    if said is None or said[2][0] not in _SURNAMES or not _is_plain_name(said[2]):
        return None
    return CellToken(NAME, said[2]) if said[1] == "现" else CellToken(REST, word)


def _glued(word: str) -> CellToken | None:
    """A name with its post or employer glued to it, on either side."""
    if len(word) < 4 or word[0] in _NO_START:
        return None
    for length in (2, 3, 4):
        name, post = word[:length], word[length:]
        if len(post) > 1 and _POST.fullmatch(post) and _is_plain_name(name):
            return CellToken(NAME, name, post)
    splits = [(word[:-length], word[-length:]) for length in (3, 2, 4)]
    titled = [(title, name) for title, name in splits if len(title) > 1 and _is_title(title) and _is_plain_name(name)]
    titled.sort(  # 商务局副局长丑宁 ends in a post, not in 局; 董事长邹亮 names 邹亮, not 长邹亮
        key=lambda split: (_ENDS_IN_POST.search(split[0]) is None, split[1][0] not in _SURNAMES)
    )
    return CellToken(NAME, titled[0][1], titled[0][0]) if titled else None


def _plain(word: str) -> CellToken:
    if _is_plain_name(word):
        return CellToken(NAME, word)
    if _WORD_NAME.fullmatch(word):
        return CellToken(NAME, word, doubtful=True)
    remark = word[0] in _NO_START or _NO_WORDS.search(word) or len(word) > _MAX_DOUBTFUL or len(word) < 2
    return CellToken(REST, word) if remark else CellToken(NAME, word, doubtful=True)


def _is_plain_name(word: str) -> bool:
    """Whether a word of ideographs has the shape of a name: two or three, or four with a surname of two."""
    shaped = len(word) in (2, 3) or (len(word) == 4 and word[:2] in _COMPOUND)
    if not shaped or is_no_name(word) or word[0] in _NO_START or _SHORT_UNIT.fullmatch(word):
        return False
    if _OFFICE_START.match(word):
        return False
    if _NO_WORDS.search(word) and not _NAMED_AFTER.fullmatch(word):
        return False
    return _POST.fullmatch(word) is None and (len(word) < 3 or _UNIT.fullmatch(word) is None)


def _is_title(word: str) -> bool:
    """Whether a word is a post, an employer, or both."""
    if len(word) > _LONGEST_WORD:
        return False
    if _POST.fullmatch(word) or _SHORT_UNIT.fullmatch(word):
        return True
    if len(word) >= 3 and (_UNIT.fullmatch(word) or (len(word) > 3 and _LONG_UNIT.fullmatch(word))):
        return True
    return _POST_AFTER_UNIT.fullmatch(word) is not None
