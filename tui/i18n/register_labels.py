"""A description of each register in a line, for ``guanjia --help``, without importing the registers."""

from __future__ import annotations

from collections.abc import Mapping

from tui.i18n.translate import N_

REGISTER_DESCRIPTIONS: Mapping[str, str] = {
    "procedure": N_("A project’s procedures: propose, list, set, what blocks the start."),
    "meeting": N_("Special meetings: who met about which issues, and what was decided."),
    "policy": N_("Policies, and who has been told: transmit, interpret, implement."),
    "delivery": N_("The acts that brought a policy to a project."),
    "progress": N_("Monthly figures: planned, done, how far, how far behind."),
    "statistics": N_("Statistics entry and its four papers."),
    "return": N_("Figures that a project owes the statistics."),
    "training": N_("Integrity education and professional training, and who was there."),
    "evaluation": N_("Scores, commendation and criticism of units and persons."),
    "criterion": N_("The score lines by which the district evaluates."),
    "adoption": N_("Which units have set up their own butler system."),
    "follow-up": N_("Whether the enterprise is satisfied with how its issue was settled."),
    "time-rule": N_("Until when issues must be settled where nobody sets a due date."),
    "file-rule": N_("How many files an act on an issue needs, such as photos of what was settled."),
    "phrase": N_("Texts that are written again and again, offered in text fields: your own, and the district’s."),
}
"""The description of every register of ``store/domain/registers.py`` by its name."""
