"""Writes as the forms make them, for tests: each is one step that can be undone, and returns the line's id."""

from __future__ import annotations

from store import commands
from store.domain.registers import Register
from tui.data.form_values import FormValues, command_fields, without_blanks
from tui.data.writer import Writer


def log_visit(writer: Writer, values: FormValues) -> str:
    """Log a visit."""
    return writer.run(lambda ledger: commands.visits.log(ledger, **without_blanks(values))).id


def edit_visit(writer: Writer, visit_id: str, changes: FormValues) -> str:
    """Change fields of a visit."""
    return writer.run(lambda ledger: commands.visits.edit(ledger, visit_id, **command_fields(changes))).id


def act(writer: Writer, issue_id: str, verb: str, values: FormValues) -> str:
    """One act on an issue."""
    return writer.run(lambda ledger: commands.issues.act(ledger, issue_id, verb, **without_blanks(values))).id


def add_line(writer: Writer, register: Register, values: FormValues) -> str:
    """Add a line to a register."""
    return writer.run(lambda ledger: commands.dispatch.add_line(ledger, register, **without_blanks(values))).id


def edit_line(writer: Writer, register: Register, line_id: str, changes: FormValues) -> str:
    """Change fields of a register's line."""
    return writer.run(
        lambda ledger: commands.dispatch.edit_line(ledger, register, line_id, **command_fields(changes))
    ).id
