"""Erasures: which lines are about a person who was erased, and what such a line still says. Pure; loads no model.

An `erasure` line names a person, or an attached file. From then on that person's own line and the phones of theirs, or
the file's line, have one form (`erased_line`) that says nothing of them, and versions that say more lose their text
(`ERASED_BODY`) wherever they are kept: on devices in ``store/writer/erasures.py``, at the central in
``sync/central/writes/erasures.py``. Identity, stamp, device and digest of a version stay, so that checksums, receipts
and the audit agree as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from store.ledger.line import Body, Line
from store.values.text import phone_key

ERASURE, PERSON, CONTACT, ATTACHMENT = "erasure", "person", "contact", "attachment"
ERASED = "已删除"
"""What stands in the place of a name or phone. It is stored, and so the same in every language."""
ERASED_BODY: Body = {"erased": True}
ERASED_JSON = '{"erased":true}'
"""What is kept of the text of a version: the body, and that body as JSON."""
OWNER_FIELDS = ("person_id", "further_of")
"""The fields of a `contact` line that say whose phone it is, where that is a person."""
NO_BYTES: Body = {"size": 0, "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
"""What an erased file's line says of its bytes: that there are none, with their SHA-256."""
_KEPT: Mapping[str, tuple[str, ...]] = {
    PERSON: ("retired_on",),
    CONTACT: (*OWNER_FIELDS, "unit_id"),
    ATTACHMENT: ("of_kind", "of_id", "issue_id", "media_type"),
}
_SAID: Mapping[str, str] = {PERSON: "name", CONTACT: "phone", ATTACHMENT: "name"}
_MIN_PHONE = 5
"""A number of fewer digits may be a part of anything."""
_SHORT_NAME = 2
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_PAPERS = re.compile(
    r"(?:的|同志|先生|女士|居民|二代|身份|简历|照片|相片|签[字名]|名片|合同|证[明件书]?|复印件|扫描件|委托书|承诺书|申请书?"
    r"|电话|手机|材料|[正副]?(?:局|科|处|区|县|厂|所|股)长|书记|主任|经理)+$"
)
"""What stands behind a name in the name of a file."""
_LONGER_NAME = re.compile(r"[^的说和与等签家处照证同及某已在来去书填写录]")
"""The last character of a name of three, as no word that follows a name of two."""


def owners_of(line: Line) -> frozenset[str]:
    """The people whom a line is about: the person, or whose phone it is; of an attached file that itself."""
    if line.kind in (PERSON, ATTACHMENT):
        return frozenset({line.id})
    if line.kind == CONTACT:
        return frozenset(str(line.body[field]) for field in OWNER_FIELDS if line.body.get(field))
    return frozenset()


def erased_line(line: Line) -> Line:
    """A line of an erased person as it may be kept: whose it is, and until when they were offered; of an erased file,
    to which line it belonged, and that it is deleted."""
    kept = {name: line.body[name] for name in _KEPT[line.kind] if name in line.body}
    is_file = line.kind == ATTACHMENT
    body = {**kept, _SAID[line.kind]: ERASED, **(NO_BYTES if is_file else {})}
    return line._replace(body=body, deleted=line.deleted or is_file)


def says_nothing(line: Line) -> bool:
    """Whether it has the form of `erased_line` already."""
    erased = erased_line(line)
    return (dict(line.body), line.deleted) == (dict(erased.body), erased.deleted)


def is_telling(body: Body) -> bool:
    """Whether the body of a line about a person still has a name or a phone."""
    return any(str(body.get(field) or ERASED).strip() != ERASED for field in _SAID.values())


def telling_names(bodies: Iterable[Body]) -> frozenset[str]:
    """The names in these bodies of lines about a person."""
    return frozenset(str(body["name"]).strip() for body in bodies if body.get("name")) - {ERASED, ""}


def telling_phones(bodies: Iterable[Body]) -> frozenset[str]:
    """The phones in these bodies of lines about a person, as written and as digits; none that is so short that it may
    be a part of anything."""
    phones = (str(body["phone"]).strip() for body in bodies if body.get("phone"))
    written = {phone for phone in phones if sum(map(str.isdigit, phone)) >= _MIN_PHONE}
    return frozenset(written | set(map(phone_key, written)))


def telling_words(bodies: Iterable[Body]) -> frozenset[str]:
    """The names and phones in these bodies, by which other texts tell who is meant."""
    bodies = list(bodies)
    return telling_names(bodies) | telling_phones(bodies)


def without_words(text: str, words: Iterable[str]) -> str:
    """A text with `ERASED` in the place of each of these words, in their order."""
    for word in words:
        text = text.replace(word, ERASED)
    return text


def mentions(text: str, words: Iterable[str]) -> bool:
    """Whether a text has one of these words in it."""
    return any(word in text for word in words)


def names_whom(text: str, words: Iterable[str], longer: Iterable[str] = ()) -> bool:
    """Whether a text has one of these words in it as such, not only within one of ``longer``, the names of others, nor
    as the beginning of a name of three characters that stands alone: 张三 is not who 张三丰.jpg is of."""
    for name in sorted(longer, key=len, reverse=True):
        text = text.replace(name, " ")
    return any(
        word in run and not (len(word) == _SHORT_NAME and _LONGER_NAME.fullmatch(_PAPERS.sub("", run[len(word) :])))
        for word in words
        for run in _runs_with(text, word)
    )


def _runs_with(text: str, word: str) -> Iterator[str]:
    """From each place of a name, the Chinese characters to the next other sign; of a phone, the phone."""
    for place in (found.start() for found in re.finditer(re.escape(word), text)):
        run = _HAN_RUN.match(text, place)
        yield run[0] if run and len(run[0]) >= len(word) else word
