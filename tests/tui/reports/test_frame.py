"""The frame of a report: unit, period, scope in words, who filled it in; alike in every format."""

from __future__ import annotations

from pathlib import Path

import docx
import orjson
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm

from store.db.device_facts import read_device_facts, write_device_facts
from tests.tui.reports.conftest import District
from tests.tui.reports.opening import sheets, write_report
from tui.reports.frame import Frame
from tui.reports.options import ReportRequest, build_report
from tui.reports.report import Report, prose


def framed(district: District, name: str, **options: str | None) -> Frame:
    """The frame of a report with these options, resolved."""
    report = build_report(name, ReportRequest(district.connection, district.on, dict(options)))
    assert report.frame is not None
    return report.frame


def test_a_frame_says_unit_period_and_scope(worked: District) -> None:
    """The unit of the officer where it is known, else the district; what the options leave in, in words."""
    department = worked.connection.execute("SELECT id FROM unit WHERE name = '住建局'").fetchone()[0]
    empty = dict.fromkeys(("project", "state", "until"))
    frame = framed(worked, "issue-ledger", department=department, since="2026-01-05", **empty)
    assert (frame.unit, frame.filled_by, frame.period) == ("示范区", "甲", "since 2026-01-05")
    assert frame.scope == "only 住建局, as far as recorded on this device, which works alone"
    assert framed(worked, "summary", period="2026Q3").period == "2026Q3"


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        (
            [{"role": "butler", "project": "p"}, {"role": "department", "unit": "u"}],
            "what 甲 serves as butler, department",
        ),
        ([{"role": "bureau"}], "the whole district"),
        ([{"role": "principal_leader"}], "the whole district"),
    ],
)
def test_what_a_device_does_not_hold_is_said_not_to_be_counted(
    roles: list[dict[str, str]], words: str, worked: District
) -> None:
    """A butler's laptop has the butler's projects: a report of it never looks like one of the district."""
    connection = worked.connection
    stored = read_device_facts(connection)
    facts = {**stored, "central": "https://central.example", "roles": orjson.dumps(roles).decode()}
    write_device_facts(connection, facts, stored)
    assert framed(worked, "weekly", period=None).scope == words


def test_the_frame_is_in_every_format(worked: District, tmp_path: Path) -> None:
    """Above the contents: unit, period, scope; below: total, who filled it in, places for who checks and signs."""
    said: dict[str, str] = {}
    for kind in ("md", "xlsx", "docx", "json"):
        report = build_report("ranking", ReportRequest(worked.connection, worked.on, {"period": "2026-09"}))
        path = tmp_path / f"out.{kind}"
        write_report(report, path)
        if kind == "xlsx":
            said[kind] = "\n".join(str(cell) for rows in sheets(path).values() for row in rows for cell in row if cell)
        elif kind == "docx":
            said[kind] = "\n".join(one.text for one in docx.Document(str(path)).paragraphs)
        else:
            said[kind] = path.read_text("utf-8").replace("\\", "")
    for kind, text in list(said.items())[:3]:
        assert "Unit: 示范区    Period: 9 2026    Scope: as far as recorded" in text, kind
        assert "Rows in all: 2    Filled in by: 甲    Date: " in text and "Checked by: ____" in text, kind
    frame = orjson.loads(said["json"])["frame"]
    assert (frame["unit"], frame["period"], frame["filled_by"]) == ("示范区", "9 2026", "甲")


def test_the_responsibility_table_has_no_frame(worked: District) -> None:
    """It is imported again as published: no line of ours stands in it."""
    report = build_report("responsibility-table", ReportRequest(worked.connection, worked.on, {}))
    assert report.frame is None


def test_a_letter_is_laid_out_by_the_standard(tmp_path: Path) -> None:
    """GB/T 9704: margins of 37, 28, 26 and 35 mm, 22 lines of 28 characters, the fonts by name with substitutes, the
    page's number between dashes, right on odd and left on even pages; annexes named, copies at the end."""
    frame = Frame(
        layout="letter",
        unit="营商局",
        filled_by="甲",
        day="2026-03-05",
        to="住建局",
        annexes=("清单", "表"),
        copies="督查室",
    )
    path = tmp_path / "letter.docx"
    write_report(Report("toy", "关于办理的通知", (prose("t", [("正文。",)]),), 1, "{page}", frame=frame), path)
    document = docx.Document(str(path))
    section = document.sections[0]
    edges = (section.top_margin, section.left_margin, section.right_margin, section.bottom_margin)
    assert [round((edge or Mm(0)).mm) for edge in edges] == [37, 28, 26, 35]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid is not None
    assert (grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) == ("lines", "579")
    fonts = {
        style.name: (style.element.rPr.rFonts.get(qn("w:eastAsia")), style.font.size.pt)
        for style in document.styles
        if str(style.name).startswith("Letter") or style.name in ("Title", "Heading 1", "Heading 2")
    }
    assert fonts["Title"] == ("方正小标宋简体", 22)
    assert (fonts["LetterText"], fonts["Heading 1"], fonts["Heading 2"]) == (("仿宋", 16), ("黑体", 16), ("楷体", 16))
    for footer in (section.footer, section.even_page_footer):
        assert footer.paragraphs[0].text == "—  —"
        assert [node.text for node in footer._element.iter(qn("w:instrText"))] == ["PAGE"]
    printed = [one.text for one in document.paragraphs if one.text]
    assert printed == [
        "营商局", "[2026] No. ____", "关于办理的通知", "住建局:", "正文。", "Annex: 1. 清单",
        "\u3000\u3000\u30002. 表", "营商局", "5 3 2026", "Copies: 督查室",
        "Drawn up by 甲; checked by ________; signed for issue by ________",
    ]  # fmt: skip
