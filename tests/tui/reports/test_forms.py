"""A district's own form: filled in whole or refused with a reason, and nothing in it is ever carried out."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import docx
import pytest

from tests.tui.reports.conftest import District
from tests.tui.reports.opening import write_report
from tui.reports.exceptions import FormBlank, FormEnding, FormFieldUnknown, FormNotReadable, FormRefused, FormTooSmall
from tui.reports.forms import form_fields
from tui.reports.frame import Frame
from tui.reports.options import ReportRequest, build_report, form_for
from tui.reports.report import NamedFact, Report, ReportColumn, ReportTable, fact_table, prose

HOSTILE = "<w:t>&amp; {{ title }} {% for %}"


def form(folder: Path, paragraphs: Sequence[str], cells: Sequence[Sequence[str]] = ()) -> Path:
    """A form with these paragraphs, and a table of these cells."""
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if cells:
        table = document.add_table(0, len(cells[0]))
        for row in cells:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    path = folder / "form.docx"
    document.save(str(path))
    return path


def toy(*tables: ReportTable) -> Report:
    """A report with these tables, or with a list of two rows."""
    rows = [("甲", 1), (HOSTILE, None)]
    listed = ReportTable("清单", (ReportColumn("name", "Name"), ReportColumn("n", "N", "number")), rows)
    frame = Frame(unit="营商局", day="2026-03-05", filled_by="甲")
    return Report("toy", "标题", tables or (listed,), 2, "", frame=frame)


def filled(report: Report, own: Path, folder: Path) -> docx.document.Document:
    """The form, filled in with the report."""
    write_report(report, folder / "out.docx", form=own)
    return docx.Document(str(folder / "out.docx"))


def test_a_form_takes_the_facts_and_as_many_rows_as_there_are(tmp_path: Path) -> None:
    """Facts of the frame, a row of the form for each row of the report; what people typed is only text, whatever it
    looks like."""
    own = form(
        tmp_path,
        ["{{ unit }}关于{{ title }}", "{% if number %}有{% else %}无{% endif %}编号", "{{ day }}"],
        [("{%tr for r in tables[0].rows %}", ""), ("{{ r.name }}", "{{ r.n }}"), ("{%tr endfor %}", "")],
    )
    document = filled(toy(), own, tmp_path)
    assert [one.text for one in document.paragraphs] == ["营商局关于标题", "无编号", "5 3 2026"]
    assert [[cell.text for cell in row.cells] for row in document.tables[0].rows] == [["甲", "1"], [HOSTILE, ""]]


def test_a_notice_fills_a_form_by_its_own_names(worked: District, tmp_path: Path) -> None:
    """The facts of an issue, by the names that “report fields” lists."""
    options = {"issue": worked.sample.issue, "department": None, "due": None, "number": None}
    report = build_report("supervision-notice", ReportRequest(worked.connection, worked.on, options))
    own = form(tmp_path, ["{{ department }} {{ owner }}: {{ issue }} ({{ issue_number }}) {{ overdue }}"])
    with pytest.raises(FormFieldUnknown, match="overdue"):
        filled(report, own, tmp_path)
    names = [each.field for each in form_fields(report)]
    assert "{{ issue_number }}" in names and "{{ overdue }}" not in names
    report = build_report("supervision-notice", ReportRequest(worked.connection, worked.on, options))
    own = form(tmp_path, ["{{ department }} {{ owner }}: {{ issue }} {{ overdue|default('未超期') }}"])
    assert [one.text for one in filled(report, own, tmp_path).paragraphs] == ["水务局 丁水: 临时用水未接通 未超期"]


def test_several_papers_need_a_form_that_goes_through_them(tmp_path: Path) -> None:
    """A form for one issue is refused for two, or the second would be missing in silence."""
    papers = [fact_table(n, [NamedFact("issue", "Issue", n)], label_width=20, starts="page") for n in ("缺水", "缺电")]
    one = form(tmp_path, ["{{ issue }}"])
    with pytest.raises(FormTooSmall):
        filled(toy(*papers), one, tmp_path)
    each = form(tmp_path, ["{%p for paper in papers %}", "{{ paper.issue }}", "{%p endfor %}"])
    assert [one.text for one in filled(toy(*papers), each, tmp_path).paragraphs] == ["缺水", "缺电"]


def test_the_text_of_a_letter_goes_into_a_form(tmp_path: Path) -> None:
    """Part by part, with headings told apart."""
    own = form(tmp_path, ["{%p for p in paragraphs %}", "{{ p.text }}", "{%p endfor %}"])
    report = toy(prose("t", [("一段\n两行",), ("二段",)]))
    assert [one.text for one in filled(report, own, tmp_path).paragraphs] == ["一段\n两行", "二段"]


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ title.format(1) }}",
        "{{ 'x' * 1000000000 }}",
        "{% set x = 'x' %}",
        "{{ title ~ title }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{{ title|attr('upper') }}",
        "{{ title|center(100000000) }}",
        "{% for a in tables %}{% for b in tables %}{{ b }}{% endfor %}{% endfor %}",
        "{% macro m() %}x{% endmacro %}",
        "{{ title",
        "{% for a in range(9) %}x{% endfor %}",
        "{% for a in 'xx' recursive %}x{% endfor %}",
        "{{ title|join(title|join(title)) }}",
        "{{ title is divisibleby 0 }}",
        "{% if title < 5 %}x{% endif %}",
        "{{ " + "not " * 3000 + "title }}",
    ],
)
def test_a_form_computes_nothing(text: str, tmp_path: Path) -> None:
    """No attribute of Python, no call, no arithmetic, no loop or filter that multiplies, nothing that does not go
    together; no file appears."""
    with pytest.raises((FormRefused, FormFieldUnknown)):
        filled(toy(), form(tmp_path, [text]), tmp_path)
    assert not (tmp_path / "out.docx").exists()


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("word/vbaProject.bin", b"x"),
        ("word/embeddings/oleObject1.bin", b"x"),
        (
            "word/_rels/settings.xml.rels",
            b'<Relationships><Relationship Id="r1" Type="x/attachedTemplate" Target="http://x/" '
            b'TargetMode="External"/></Relationships>',
        ),
        ("word/header9.xml", b"<w:hdr><w:instrText>DD</w:instrText><w:instrText>EAUTO c:\\x</w:instrText></w:hdr>"),
        (
            "word/_rels/header9.xml.rels",
            b'<r:Relationships xmlns:r="x"><r:Relationship TargetMode="&#69;xternal"/></r:Relationships>',
        ),
        ("word/header9.xml", b"<x:hdr><x:instrText>INCLUDE&#84;EXT c:</x:instrText></x:hdr>"),
        ("word/header9.xml", "<w:hdr><w:instrText>DDE</w:instrText></w:hdr>".encode("utf-16")),
        ("word/header9.xml", b"<w:hdr><w:fldSimple w:instr='INCLUDETEXT \"http://x/\"'/></w:hdr>"),
    ],
)
def test_a_form_with_anything_active_is_refused(part: str, content: bytes, tmp_path: Path) -> None:
    """Macros, embedded objects, templates elsewhere, fields that fetch."""
    own = form(tmp_path, ["{{ title }}"])
    with zipfile.ZipFile(own, "a") as package:
        package.writestr(part, content)
    with pytest.raises(FormRefused):
        filled(toy(), own, tmp_path)


def test_a_form_without_a_field_is_refused(tmp_path: Path) -> None:
    """A report that was handed in before, named as a form by mistake, is not handed in again."""
    with pytest.raises(FormBlank):
        filled(toy(), form(tmp_path, ["第48周周报"], [("甲", "3")]), tmp_path)
    assert not (tmp_path / "out.docx").exists()


def test_what_is_no_form_is_said(tmp_path: Path) -> None:
    """A missing file, another kind of file, a damaged document, a form for a file that is no .docx."""
    other, empty, cut = (tmp_path / name for name in ("other.docx", "empty.docx", "cut.docx"))
    other.write_bytes(b"no zip")
    with zipfile.ZipFile(empty, "w"):
        pass
    with zipfile.ZipFile(form(tmp_path, ["{{ title }}"])) as whole, zipfile.ZipFile(cut, "w") as damaged:
        for name in whole.namelist():
            damaged.writestr(name, whole.read(name)[: -20 if name == "word/document.xml" else None])
    for own in (other, empty, cut, tmp_path / "gone.docx"):
        with pytest.raises(FormNotReadable):
            filled(toy(), own, tmp_path)
    with pytest.raises(FormEnding):
        write_report(toy(), tmp_path / "out.md", form=form(tmp_path, ["x"]))


def test_a_form_in_the_folder_of_forms_is_used_by_its_name(tmp_path: Path) -> None:
    """By the report's name, or by its title; only where a .docx is written."""
    (tmp_path / "weekly.docx").touch()
    (tmp_path / "Circular.docx").touch()
    assert form_for(str(tmp_path), "weekly", Path("a.docx")) == tmp_path / "weekly.docx"
    assert form_for(str(tmp_path), "circular", Path("a.docx")) == tmp_path / "Circular.docx"
    assert form_for(str(tmp_path), "weekly", Path("a.xlsx")) is None
    assert form_for(None, "weekly", Path("a.docx")) is None
    assert form_for(str(tmp_path), "monthly", Path("a.docx")) is None
