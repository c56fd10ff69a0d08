"""A district's own form: a .docx with fields, which a report's facts fill in, in place of our layout.

Fields are Jinja's: ``{{ title }}``, ``{%tr for row in tables[0].rows %}``. `form_fields` lists them.

> A form computes nothing and reaches nothing: of Jinja it has values, loops over rows, conditions and a few filters, in
> a sandbox; a form with macros, embedded objects, links to other files or fields that fetch is refused.
> A field that the report does not have is refused by its name, and so is a report that does not fit: nothing is left
> out in silence.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, UndefinedError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from store.importing.exceptions import TableImportError
from store.importing.zip_safety import check_package
from tui.i18n.translate import N_, _
from tui.reports.exceptions import FormBlank, FormFieldUnknown, FormNotReadable, FormRefused, FormTooSmall
from tui.reports.frame import Frame, written_day
from tui.reports.report import Report, ReportSection, ReportTable, RowStream, RowValues, format_value

MAX_FORM_BYTES = 4 << 20
MAX_FORM_ROWS = 5_000
"""So many rows a form may be filled with: a whole document is in memory."""
_MAX_TEXT = 1 << 20
"""So many characters the text of a form may have, with its marks."""
_FILTERS = frozenset(
    {"default", "d", "join", "length", "count", "first", "last", "upper", "lower", "trim", "escape", "e"}
)
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.For,
    nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter, nodes.Test,
    nodes.Tuple,
)  # fmt: skip
_FETCHING = re.compile(r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT|DATABASE|MACROBUTTON)\b", re.IGNORECASE)
_INSTRUCTION = re.compile(r"<(?:[\w.-]+:)?instrText\b[^>]*>([^<]*)<")
_SIMPLE_FIELD = re.compile(r"<(?:[\w.-]+:)?fldSimple\b[^>]*\binstr\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_RELATION = re.compile(r"<(?:[\w.-]+:)?Relationship\b[^>]*>")
_ACTIVE_PARTS = ("vbaproject.bin", "word/embeddings/", "word/activex/", "word/vbadata.xml")


_Rows = Sequence[RowValues | ReportSection]


class OwnFormField(NamedTuple):
    """A field that a form may use, what it is, and what it says now."""

    field: str
    meaning: str
    value: str


class _FormEnvironment(ImmutableSandboxedEnvironment):
    """Jinja with values, loops, conditions and a few filters alone. ``names`` are those that forms used."""

    def __init__(self, file: str) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=True)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS}
        self.file, self.names = file, set[str]()

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        if not all(isinstance(node, _ALLOWED) for node in template.find_all(nodes.Node)):
            raise FormRefused(file=self.file, detail="computing")
        if not all(map(_is_allowed_filter, template.find_all(nodes.Filter))):
            raise FormRefused(file=self.file, detail="computing")
        _check_loops(template, self.file, ())
        self.names |= {node.name for node in template.find_all(nodes.Name)}
        return template


def _is_allowed_filter(node: nodes.Filter) -> bool:
    """Of `join` with a separator as it stands alone: joins within joins would multiply the text."""
    plain = all(isinstance(value, nodes.Const) for value in (*node.args, *(pair.value for pair in node.kwargs)))
    return node.name in _FILTERS and (node.name != "join" or plain)


def _check_loops(node: nodes.Node, file: str, targets: tuple[str, ...]) -> None:
    """A loop within a loop may go through what the outer one is at, no further: a form grows with its rows alone."""
    inner = targets
    if isinstance(node, nodes.For):
        root: nodes.Node | None = node.iter
        while isinstance(root, nodes.Getattr | nodes.Getitem | nodes.Filter):
            root = root.node
        is_of_outer = isinstance(root, nodes.Name) and root.name in targets
        if node.recursive or (targets and not is_of_outer):
            raise FormRefused(file=file, detail="loop")
        inner = (*targets, *(target.name for target in node.find_all(nodes.Name) if target.ctx == "store"))
    for child in node.iter_child_nodes():
        _check_loops(child, file, inner)


def check_form(form: Path) -> bytes:
    """The bytes of a form that may be filled in. Raises `FormNotReadable` and `FormRefused`."""
    try:
        with form.open("rb") as file:
            data = file.read(MAX_FORM_BYTES + 1)
        if len(data) > MAX_FORM_BYTES or form.suffix.lower() != ".docx":
            raise FormRefused(file=form.name, detail="size" if form.suffix.lower() == ".docx" else "ending")
        check_package(data)
        with zipfile.ZipFile(BytesIO(data)) as package:
            for name in package.namelist():
                _check_part(form.name, name.lower(), package.read(name))
    except (OSError, TableImportError):
        raise FormNotReadable(file=form) from None
    return data


def _check_part(form: str, name: str, data: bytes) -> None:
    if any(part in name for part in _ACTIVE_PARTS) or (name == "[content_types].xml" and b"macroEnabled" in data):
        raise FormRefused(file=form, detail="macro")
    if not name.endswith((".rels", ".xml")):
        return
    text = data.decode("utf-8", "replace")
    if "\0" in text:  # UTF-16, which no office program writes: what is looked for would not be found
        raise FormRefused(file=form, detail="syntax")
    if name.endswith(".rels"):
        for relation in map(unescape, _RELATION.findall(text)):
            if "External" in relation and "/hyperlink" not in relation:
                raise FormRefused(file=form, detail="link")
    else:
        fields = "".join(_INSTRUCTION.findall(text)) + " ".join(a or b for a, b in _SIMPLE_FIELD.findall(text))
        if _FETCHING.search(unescape(fields)):
            raise FormRefused(file=form, detail="field")
        if name.startswith("word/document") and len(re.sub("<[^>]*>", "", text)) > _MAX_TEXT:
            raise FormRefused(file=form, detail="size")


def fill_form(form: Path, report: Report, path: Path, rows: RowStream) -> None:
    """Write the report into a copy of the form. Raises `FormNotReadable`, `FormRefused`, `FormFieldUnknown`,
    `FormBlank` and `FormTooSmall`."""
    data, context = check_form(form), form_context(report, rows)
    if rows.count > MAX_FORM_ROWS:
        raise FormTooSmall(file=form.name, rows=rows.count, most=MAX_FORM_ROWS)
    template, environment = _opened(form, data), _FormEnvironment(form.name)
    try:
        template.render(context, environment, autoescape=True)
    except UndefinedError as error:
        name = re.search(r"'([^']*)'(?: is undefined)?$", str(error))
        raise FormFieldUnknown(file=form.name, field=name[1] if name else str(error)) from None
    except TemplateError as error:
        raise FormRefused(
            file=form.name, detail="computing" if isinstance(error, SecurityError) else "syntax"
        ) from None
    except (TypeError, ValueError, ArithmeticError, RecursionError):
        raise FormRefused(file=form.name, detail="syntax") from None
    if not environment.names & context.keys():
        raise FormBlank(file=form.name)
    papers = sum(1 for table in report.tables if table.record)
    if papers > 1 and not environment.names & {"papers", "tables"}:
        raise FormTooSmall(file=form.name, rows=papers, most=1)
    template.save(path)


def _opened(form: Path, data: bytes) -> DocxTemplate:
    template = DocxTemplate(BytesIO(data))
    try:
        template.init_docx()
    except Exception:  # a damaged document fails in python-docx, its ZIP or lxml, each with its own errors
        raise FormNotReadable(file=form) from None
    return template


def form_context(report: Report, rows: RowStream) -> dict[str, object]:
    """What a form may use: the frame's facts, the first table's own (of a notice: those of its issue), every table with
    its rows by the columns' keys, the attached files likewise, the paragraphs of a letter's text."""
    frame = report.frame or Frame()
    facts: dict[str, object] = {
        "title": report.title,
        "unit": frame.unit,
        "period": frame.period,
        "scope": frame.scope,
        "filled_by": frame.filled_by,
        "day": written_day(frame.day),
        "number": frame.number,
        "to": frame.to,
        "copies": frame.copies,
        "annexes": list(frame.annexes),
    }
    tables, paragraphs, files = [], [], list[dict[str, str]]()
    for table in report.tables:
        read = list(rows.rows_of_table(table))
        if table.prose:
            paragraphs += [_paragraph(row) for row in read]
        elif table.pictures:
            files += _filled(table, read)
        else:
            tables.append(_table(table, read))
    papers = [_texts(table.record) for table in report.tables if table.record]
    first = papers[0] if papers else {}
    return {**first, **facts, "tables": tables, "paragraphs": paragraphs, "papers": papers, "files": files}


def _paragraph(row: tuple[object, ...] | ReportSection) -> dict[str, object]:
    is_heading = isinstance(row, ReportSection)
    return {"text": row.title if isinstance(row, ReportSection) else str(row[0]), "is_heading": is_heading}


def _table(table: ReportTable, rows: _Rows) -> dict[str, object]:
    headings = {column.key: column.heading for column in table.columns}
    return {"title": table.title, "note": table.note, "headings": headings, "rows": _filled(table, rows)}


def _filled(table: ReportTable, rows: _Rows) -> list[dict[str, str]]:
    """The rows of a table by the keys of its columns, each with the section that it stands in."""
    filled: list[dict[str, str]] = []
    section = ""
    for row in rows:
        if isinstance(row, ReportSection):
            section = row.title
            continue
        cells = zip(table.columns, row, strict=True)
        filled.append({"section": section, **{column.key: format_value(value, column.kind) for column, value in cells}})
    return filled


def _texts(record: Mapping[str, str | None]) -> dict[str, str]:
    return {key: value or "" for key, value in record.items()}


_MEANINGS = {
    "title": N_("The title"),
    "unit": N_("Which unit hands it in"),
    "period": N_("The period, in words"),
    "scope": N_("The scope, in words"),
    "filled_by": N_("Who filled it in"),
    "day": N_("The day, in words"),
    "number": N_("The letter’s number"),
    "to": N_("Whom the letter goes to"),
    "copies": N_("Who gets copies"),
}


def form_fields(report: Report) -> Iterator[OwnFormField]:
    """The fields that a form of this report may use, as they read now."""
    rows = RowStream(lambda: None)
    context = form_context(report.sanitized(), rows)
    for name, value in context.items():
        if isinstance(value, str):
            yield OwnFormField(f"{{{{ {name} }}}}", _(_MEANINGS[name]) if name in _MEANINGS else "", value)
    if context["paragraphs"]:
        yield OwnFormField("{%p for p in paragraphs %} {{ p.text }} {%p endfor %}", _("The text, part by part"), "")
    for table in (table for table in report.tables if table.pictures):
        for column in table.columns:
            field = f"{{%tr for f in files %}} {{{{ f.{column.key} }}}} {{%tr endfor %}}"
            yield OwnFormField(field, f"{table.title}: {column.heading}", "")
    shown = (table for table in report.tables if not table.prose and not table.pictures)
    for number, table in enumerate(shown):
        for column in table.columns:
            field = f"{{%tr for r in tables[{number}].rows %}} {{{{ r.{column.key} }}}} {{%tr endfor %}}"
            yield OwnFormField(field, f"{table.title}: {column.heading}", "")
