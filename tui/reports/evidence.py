"""A package of evidence for people and for an archive: its page (HTML), and its description in the terms of DA/T 48.

Both are made of text alone: no script, nothing from elsewhere, and what people wrote is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import NamedTuple

from store.values.text import sanitize
from tui.i18n.translate import _, value_label
from tui.reports.personal_data import body_text

Names = Mapping[str, str]
_STYLE = (
    "body{font-family:sans-serif;margin:2em;max-width:60em}table{border-collapse:collapse;width:100%}"
    "td,th{border:1px solid #999;padding:.3em;text-align:left;vertical-align:top}img{max-width:100%}"
)
_POLICY = "default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'"
DESCRIPTION_VERSION = "1"
"""The version of the form of the description."""


class EvidenceVersion(NamedTuple):
    """A version as the page tells it: the kind and id of the line, when it was written and by whom (an id), the body,
    whether the line was deleted by it, why it is not current, and when the central took it in, where that is proven."""

    kind: str
    line: str
    at: str
    author: str
    device: str
    body: Mapping[str, object]
    deleted: bool
    reason: str | None
    taken_in: str | None


class EvidenceDocument(NamedTuple):
    """A document: its part (None where its bytes are missing), its name, media type, length and hash; ``is_copy``: it
    is the small picture of an original that is not in the package."""

    part: str | None
    name: str
    media_type: str
    size: int
    sha256: str
    line: str
    author: str | None
    at: str
    is_copy: bool = False


class EvidencePage(NamedTuple):
    """What a package tells: its heading; pairs of facts; sections with sentences (why a light was as it was); the
    versions; the documents; the names of lines by id; and who made it when, with the district and the subject's id."""

    title: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[tuple[str, Sequence[str]]]
    versions: Sequence[EvidenceVersion]
    documents: Sequence[EvidenceDocument]
    names: Names
    made_at: str
    made_by: str
    district: str
    of: str


def evidence_html(page: EvidencePage) -> bytes:
    """The page."""
    title = _text(page.title)
    head = (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
        f'content="{_POLICY}"><title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>'
    )
    facts = "".join(f"<tr><th>{_text(name)}</th><td>{_text(value)}</td></tr>" for name, value in page.facts)
    told = "".join(
        f"<h2>{_text(heading)}</h2><ul>{''.join(f'<li>{_text(each)}</li>' for each in sentences)}</ul>"
        for heading, sentences in page.sections
    )
    versions = _table(_version_headings(), (_version_cells(version, page.names) for version in page.versions))
    documents = _table(_document_headings(), map(_document_cells, page.documents))
    story, files = _text(_("What was written, version by version")), _text(_("Attached files"))
    body = f"{head}<table>{facts}</table>{told}<h2>{story}</h2>{versions}<h2>{files}</h2>{documents}</body></html>\n"
    return body.encode()


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    cells = "".join(f"<th>{_text(heading)}</th>" for heading in headings)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><tr>{cells}</tr>{body}</table>"


def _version_headings() -> tuple[str, ...]:
    return _("Written"), _("By"), _("Kind"), _("Contents"), _("Fate"), _("Taken in by the central"), _("Device")


def _version_cells(version: EvidenceVersion, names: Names) -> tuple[str, ...]:
    fate = value_label("reason", version.reason) if version.reason else _("current")
    fate = _("deleted") if version.deleted and not version.reason else fate
    cells = (
        version.at, names.get(version.author, version.author), value_label("kind", version.kind),
        body_text(version.kind, version.body, names), fate, version.taken_in or _("not proven"), version.device,
    )  # fmt: skip
    return tuple(map(_text, cells))


def _document_headings() -> tuple[str, ...]:
    return _("File"), _("Name"), _("By"), _("Written"), _("Format"), _("Size"), "SHA-256"


def _document_cells(document: EvidenceDocument) -> tuple[str, ...]:
    place = document.part and escape(f"../{document.part}", quote=True)
    shown = f'<img src="{place}" alt="">' if place and document.media_type.startswith("image/") else ""
    link = f'<a href="{place}">{_text(document.part or "")}</a>{shown}' if place else _text(_("not here"))
    name = (
        _("{name} (small picture, not the original)").format(name=document.name) if document.is_copy else document.name
    )
    rest = (name, document.author or "", document.at, document.media_type, str(document.size), document.sha256)
    return link, *map(_text, rest)


def _text(text: str) -> str:
    return escape(sanitize(text), quote=True)


# The description, for an archive


def evidence_xml(page: EvidencePage) -> bytes:
    """The description of the package: what DA/T 48-2009 calls the objects that are signed, in its names. It is no
    encapsulation of that standard (files are beside it, not inside), and says so."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        "<电子文件封装包>",
        _element("封装包格式描述", "按DA/T 48-2009的名称描述；文件数据以单独文件存放于documents，电子签名见seal.json"),
        _element("版本", DESCRIPTION_VERSION),
        "<被签名对象>",
        _element("封装包类型", "原始型"),
        _element("封装包创建时间", page.made_at),
        _element("封装包创建单位", page.district),
        "<封装内容>",
        "<文件实体块>",
        *_files(page),
        "</文件实体块>",
        "<业务实体块>",
        *map(_business, page.versions),
        "</业务实体块>",
        "<机构人员实体块>",
        *_people(page),
        "</机构人员实体块>",
        "</封装内容>",
        "</被签名对象>",
        "<电子签名块><电子签名>",
        _element("签名规则", "Ed25519；对manifest.json的SHA-256签名，manifest.json列出其余各文件的SHA-256"),
        _element("签名结果", "seal.json"),
        "</电子签名></电子签名块>",
        "</电子文件封装包>\n",
    ]
    return "".join(parts).encode()


def _files(page: EvidencePage) -> Iterator[str]:
    yield "<文件实体>"
    yield _element("文件标识符", page.of) + _element("题名", page.title) + _element("责任者", page.made_by)
    yield _element("日期", page.made_at)
    yield "<文件数据>"
    for number, document in enumerate(page.documents, 1):
        yield "<文档>"
        yield (
            _element("文档标识符", document.line) + _element("文档序号", str(number)) + _element("题名", document.name)
        )
        yield _element("责任者", document.author or "") + _element("日期", document.at)
        yield _element("格式信息", document.media_type) + _element("计算机文件名", document.part or "")
        yield _element("计算机文件大小", str(document.size)) + _element("数字摘要", f"SHA-256 {document.sha256}")
        yield "</文档>"
    yield "</文件数据></文件实体>"


def _business(version: EvidenceVersion) -> str:
    act = version.body.get("act")
    label = value_label("issue_step.act", str(act)) if act else value_label("kind", version.kind)
    state = value_label("reason", version.reason) if version.reason else _("current")
    fields = (
        ("业务标识符", version.line), ("机构人员标识符", version.author), ("业务行为", label),
        ("行为时间", version.at), ("业务状态", state),
    )  # fmt: skip
    return f"<业务实体>{''.join(_element(name, value) for name, value in fields)}</业务实体>"


def _people(page: EvidencePage) -> Iterator[str]:
    for person in sorted({version.author for version in page.versions}):
        fields = _element("机构人员标识符", person) + _element("机构人员名称", page.names.get(person, ""))
        yield f"<机构人员实体>{fields}</机构人员实体>"


def _element(name: str, value: str) -> str:
    return f"<{name}>{_text(value)}</{name}>"
