"""roster at the central: the sealed accounts, roles and devices that a device keeps in case the central is set back."""

from __future__ import annotations

from sync.central.request import RequestContext
from sync.protocol import RosterAnswer


def answer_roster(context: RequestContext) -> RosterAnswer:
    """The whole district's for a device of the bureau, else those of its account. Raises `Refusal` (401)."""
    context.caller()  # whose new token takes its place now, so that the roster has it
    with context.read() as reads:
        return RosterAnswer(**reads.sealed_roster()._asdict())
