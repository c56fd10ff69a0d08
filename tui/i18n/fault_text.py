"""What is wrong with a field of a line, in the person's language."""

from __future__ import annotations

from store.values.faults import Fault, read_fault
from tui.i18n.translate import _, value_label


def fault_text(fault: Fault) -> str:
    """The field and what is wrong with it."""
    field, problem = value_label("field", fault.field), value_label("problem", fault.problem)
    return _("{field}: {problem}").format(field=field, problem=problem)


def is_fault(reason: str | None) -> bool:
    """Whether a reason names a field and what is wrong with it. Others are the central's own words, in English, and say
    no more than the rejection's code."""
    return read_fault(reason) is not None


def reason_text(reason: str | None) -> str | None:
    """The reason of a rejection: where it is a fault of a field, in the person's language."""
    fault = read_fault(reason)
    return fault_text(fault) if fault else reason
