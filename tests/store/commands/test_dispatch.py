"""Lines of any book by its own rule: what a procedure's code brings, what its new status carries."""

from __future__ import annotations

import pytest

from store.commands.dispatch import add_line, edit_line
from store.commands.exceptions import FieldMissing
from store.domain.registers import PROCEDURE_REGISTER, REGISTERS
from store.queries import register_lines
from tests.store.queries.sample import TODAY, Sample


def row_of(district: Sample, line_id: str) -> register_lines.RegisterRecord:
    """The procedure as it is listed."""
    row = register_lines.row(district.connection, PROCEDURE_REGISTER, line_id)
    assert row is not None
    return row


def test_a_standard_code_brings_name_and_department(district: Sample) -> None:
    """Who adds a standard procedure types its code; what is typed beside it wins (R19)."""
    usual = add_line(district.ledger, PROCEDURE_REGISTER, project=district.heat, code="construction_permit").id
    named = add_line(district.ledger, PROCEDURE_REGISTER, project=district.heat, code="eia", name="环评（简化）").id
    assert row_of(district, usual)["name"] == "建筑工程施工许可证"
    assert (row_of(district, usual)["department"], row_of(district, usual)["status"]) == ("住建局", "not_started")
    assert row_of(district, named)["name"] == "环评（简化）"


def test_a_code_of_ones_own_needs_a_name(district: Sample) -> None:
    """A procedure that is in no catalogue is asked for its name, and nothing is written."""
    with pytest.raises(FieldMissing) as caught:
        add_line(district.ledger, PROCEDURE_REGISTER, project=district.heat, code="own")
    assert caught.value.values["fields"] == "name"
    assert register_lines.counts(district.connection, [PROCEDURE_REGISTER]) == {"procedure": 0}


def test_a_new_status_has_its_day(district: Sample) -> None:
    """Changing the status dates it today unless a day is given; other changes, and the same status, date nothing."""
    line_id = add_line(district.ledger, PROCEDURE_REGISTER, project=district.heat, code="eia").id
    edit_line(district.ledger, PROCEDURE_REGISTER, line_id, status="not_started", note="无变化")
    assert row_of(district, line_id)["day"] is None
    edit_line(district.ledger, PROCEDURE_REGISTER, line_id, status="submitted")
    assert row_of(district, line_id)["submitted_on"] == row_of(district, line_id)["day"] == TODAY.isoformat()
    edit_line(district.ledger, PROCEDURE_REGISTER, line_id, status="granted", day="2026-01-05", document="环批1号")
    assert (row_of(district, line_id)["day"], row_of(district, line_id)["document"]) == ("2026-01-05", "环批1号")


def test_lines_are_counted_by_project(district: Sample) -> None:
    """A register's lines, of the whole district and of one project."""
    add_line(district.ledger, PROCEDURE_REGISTER, project=district.heat, code="eia")
    add_line(district.ledger, REGISTERS["policy"], title="稳岗政策", text="补助")
    counted = register_lines.counts(district.connection, REGISTERS.values())
    assert (counted["procedure"], counted["policy"], counted["meeting"]) == (1, 1, 0)
    assert register_lines.counts(district.connection, [PROCEDURE_REGISTER], district.heat) == {"procedure": 1}
    assert register_lines.counts(district.connection, [PROCEDURE_REGISTER], "elsewhere") == {"procedure": 0}
