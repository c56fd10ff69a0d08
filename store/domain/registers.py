"""The registers beside projects, visits and issues, as one table: what each book holds, and what people call it.

A book is a kind of line that people keep in a list: its fields, their shapes, what must be given, by what a line is the
same on two laptops. ``store/commands/register_lines.py`` writes by it, ``store/queries/register_lines.py`` reads by
it, and the command
line, the screens and the reports are drawn from it. Loads no model; a test holds both against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

N_ = str
"""Marks a text for the catalogs, and gives it as it is: the store never translates."""

FieldType = Literal[
    "text", "choice", "day", "moment", "month", "yuan", "number", "tenths", "hours",
    "person", "unit", "policy", "training", "issue", "names", "units", "issues", "scores",
]  # fmt: skip
"""How people give a field, and how the line keeps it: ``yuan`` also takes 万 and 亿; ``tenths`` and ``hours`` are kept
as whole tenths and minutes; ``person``, ``unit`` … as ids; ``names``, ``units``, ``issues`` as lists of them."""
REFERENCE_KINDS: Mapping[FieldType, str] = {
    "person": "person", "unit": "unit", "policy": "policy", "training": "training", "issue": "issue",
}  # fmt: skip
"""The shapes that name one line, and the kind of that line."""
LIST_TYPES: tuple[FieldType, ...] = ("names", "units", "issues", "scores")


class RegisterField(NamedTuple):
    """One field of a book. ``name`` is its option and its name in JSON, ``label`` what people read."""

    name: str
    type: FieldType
    label: str
    required: bool = False
    choices: tuple[str, ...] = ()
    in_list: bool = False
    column: str = ""

    @property
    def body_name(self) -> str:
        """The field's name in the line."""
        return self.column or (f"{self.name}_id" if self.type in REFERENCE_KINDS else self.name)


class Register(NamedTuple):
    """One register. ``kind`` is its lines' kind. ``of`` says what a line belongs to: a project, an issue or the
    district. ``key`` names the fields by which a line is one and the same wherever it is written (with its project, if
    it has one); ``order`` the column that sorts the list, newest first; ``calls_for`` what a field's value calls for,
    such as a reason."""

    name: str
    kind: str
    title: str
    parent: Literal["project", "issue", "district"]
    fields: tuple[RegisterField, ...]
    order: str
    key: tuple[str, ...] = ()
    required_when: tuple[tuple[str, str, tuple[str, ...]], ...] = ()

    def field(self, name: str) -> RegisterField:
        """The field of this name."""
        return next(field for field in self.fields if field.name == name)

    @property
    def headline(self) -> RegisterField:
        """The field that stands for a line where there is room for one."""
        return next(field for field in self.fields if field.in_list)


PROCEDURE_STATUSES = (
    "not_started",
    "preparing",
    "submitted",
    "supplementing",
    "conditional",
    "granted",
    "not_applicable",
)
DELIVERY_ACTS = ("transmit", "interpret", "implement")
STATISTICS_DOCUMENTS = ("filing", "contract", "photo", "licence")
EVALUATION_OUTCOMES = ("none", "commendation", "criticism")
CRITICISM_FAULTS = ("fraud", "perfunctory", "not_serving")
ADOPTION_STATUSES = ("set_up", "improving", "not_yet")
CONTACT_METHODS = ("visit", "discussion", "phone", "wechat", "meeting", "other")
SATISFACTION_LEVELS = ("satisfied", "basically", "dissatisfied")

PROCEDURE_REGISTER = Register(
    "procedure", "procedure", N_("Procedures"), "project",
    (
        RegisterField("code", "text", N_("Code"), required=True),
        RegisterField("name", "text", N_("Procedure"), in_list=True),
        RegisterField("status", "choice", N_("Status"), choices=PROCEDURE_STATUSES, in_list=True),
        RegisterField("department", "unit", N_("Department"), in_list=True),
        RegisterField("handler", "person", N_("Handled by"), in_list=True),
        RegisterField("submitted_on", "day", N_("Submitted")),
        RegisterField("day", "day", N_("Status since"), in_list=True),
        RegisterField("promise_due", "day", N_("Promised by"), in_list=True),
        RegisterField("document", "text", N_("Document")),
        RegisterField("reason", "text", N_("Reason")),
        RegisterField("note", "text", N_("Note")),
    ),
    "name", ("code",),
    (("status", "conditional", ("promise_due",)), ("status", "not_applicable", ("reason",))),
)  # fmt: skip
MEETING_REGISTER = Register(
    "meeting", "meeting", N_("Special meetings"), "project",
    (
        RegisterField("at", "moment", N_("When"), in_list=True),
        RegisterField("title", "text", N_("Subject"), in_list=True),
        RegisterField("number", "text", N_("Number")),
        RegisterField("level", "number", N_("Level"), required=True, in_list=True),
        RegisterField("chair", "person", N_("Chair"), in_list=True),
        RegisterField("place", "text", N_("Place")),
        RegisterField("departments", "units", N_("Departments"), in_list=True),
        RegisterField("participants", "names", N_("Participants")),
        RegisterField("issues", "issues", N_("Issues")),
        RegisterField("text", "text", N_("Text")),
        RegisterField("session", "text", N_("Meeting")),
    ),
    "at",
)  # fmt: skip
POLICY_REGISTER = Register(
    "policy", "policy", N_("Policies"), "district",
    (
        RegisterField("title", "text", N_("Title"), required=True, in_list=True),
        RegisterField("number", "text", N_("Number")),
        RegisterField("issuer", "text", N_("Issuer"), in_list=True),
        RegisterField("issued", "day", N_("Issued"), in_list=True),
        RegisterField("publicity", "choice", N_("Publicity"), choices=("public", "on_request", "internal")),
        RegisterField("recipients", "names", N_("Recipients")),
        RegisterField("annexes", "names", N_("Annexes")),
        RegisterField("text", "text", N_("Text"), required=True),
    ),
    "issued",
)  # fmt: skip
DELIVERY_REGISTER = Register(
    "delivery", "policy_delivery", N_("Policy deliveries"), "project",
    (
        RegisterField("at", "moment", N_("When"), in_list=True),
        RegisterField("policy", "policy", N_("Policy"), required=True, in_list=True),
        RegisterField("act", "choice", N_("Act"), required=True, choices=DELIVERY_ACTS, in_list=True),
        RegisterField("who", "names", N_("Who")),
        RegisterField("text", "text", N_("Text"), in_list=True),
    ),
    "at",
)  # fmt: skip
PROGRESS_REGISTER = Register(
    "progress", "progress_report", N_("Progress"), "project",
    (
        RegisterField("month", "month", N_("Month"), required=True, in_list=True),
        RegisterField("planned", "yuan", N_("Planned this year"), in_list=True),
        RegisterField("done", "yuan", N_("Done this year"), in_list=True),
        RegisterField("total", "yuan", N_("Done since the start")),
        RegisterField("physical", "text", N_("Physical progress"), in_list=True),
        RegisterField("text", "text", N_("Text")),
    ),
    "month", ("month",),
)  # fmt: skip
STATISTICS_REGISTER = Register(
    "statistics", "statistics_entry", N_("Statistics entries"), "project",
    (
        RegisterField("filing", "day", N_("Filing document"), in_list=True),
        RegisterField("contract", "day", N_("Works contract"), in_list=True),
        RegisterField("photo", "day", N_("Site photo"), in_list=True),
        RegisterField("licence", "day", N_("Construction licence"), in_list=True),
        RegisterField("entered", "day", N_("Entered"), in_list=True),
        RegisterField("note", "text", N_("Note")),
    ),
    "entered", ("",),
)  # fmt: skip
DATA_RETURN_REGISTER = Register(
    "return", "data_return", N_("Data returns"), "project",
    (
        RegisterField("period", "text", N_("Period"), required=True, in_list=True),
        RegisterField("due", "day", N_("Due"), in_list=True),
        RegisterField("returned", "day", N_("Returned"), in_list=True),
        RegisterField("note", "text", N_("Note")),
    ),
    "period", ("period",),
)  # fmt: skip
TRAINING_REGISTER = Register(
    "training", "training", N_("Training"), "district",
    (
        RegisterField("at", "moment", N_("When"), in_list=True),
        RegisterField("title", "text", N_("Title"), in_list=True),
        RegisterField("kind", "choice", N_("Kind"), required=True, choices=("integrity", "professional"), in_list=True),
        RegisterField("organiser", "unit", N_("Organiser"), in_list=True),
        RegisterField("hours", "hours", N_("Hours"), required=True, in_list=True, column="minutes"),
        RegisterField("place", "text", N_("Place")),
        RegisterField("text", "text", N_("Text")),
    ),
    "at",
)  # fmt: skip
EVALUATION_REGISTER = Register(
    "evaluation", "evaluation", N_("Evaluations"), "district",
    (
        RegisterField("period", "text", N_("Period"), required=True, in_list=True),
        RegisterField("unit", "unit", N_("Unit"), in_list=True),
        RegisterField("person", "person", N_("Person"), in_list=True),
        RegisterField("score", "tenths", N_("Score"), in_list=True),
        RegisterField("scores", "scores", N_("Score lines")),
        RegisterField("outcome", "choice", N_("Outcome"), required=True, choices=EVALUATION_OUTCOMES, in_list=True),
        RegisterField("fault", "choice", N_("Fault"), choices=CRITICISM_FAULTS),
        RegisterField("reason", "text", N_("Reason"), in_list=True),
        RegisterField("basis", "text", N_("Legal basis")),
        RegisterField("text", "text", N_("Text")),
    ),
    "period", (),
    (("outcome", "criticism", ("fault", "reason", "basis")), ("outcome", "commendation", ("reason",))),
)  # fmt: skip
CRITERION_REGISTER = Register(
    "criterion", "criterion", N_("Score lines"), "district",
    (
        RegisterField("code", "text", N_("Code"), required=True, in_list=True),
        RegisterField("name", "text", N_("Score line"), required=True, in_list=True),
        RegisterField("points", "tenths", N_("Points"), required=True, in_list=True),
        RegisterField("fact", "choice", N_("Fact"), choices=("in_time", "silence", "returned", "disputed"),
            in_list=True),
        RegisterField("rank", "number", N_("Rank")),
    ),
    "rank", ("code",),
)  # fmt: skip
ADOPTION_REGISTER = Register(
    "adoption", "adoption", N_("Adoption"), "district",
    (
        RegisterField("unit", "unit", N_("Unit"), required=True, in_list=True),
        RegisterField("status", "choice", N_("Status"), required=True, choices=ADOPTION_STATUSES, in_list=True),
        RegisterField("day", "day", N_("Status since"), in_list=True),
        RegisterField("note", "text", N_("Note"), in_list=True),
    ),
    "day", ("unit",),
)  # fmt: skip
FOLLOW_UP_REGISTER = Register(
    "follow-up", "follow_up", N_("Follow-ups"), "issue",
    (
        RegisterField("at", "moment", N_("When"), in_list=True),
        RegisterField("issue", "issue", N_("Issue"), required=True, in_list=True),
        RegisterField("how", "choice", N_("How"), choices=CONTACT_METHODS),
        RegisterField("who", "names", N_("Who answered"), in_list=True),
        RegisterField("satisfaction", "choice", N_("Satisfaction"), required=True, choices=SATISFACTION_LEVELS,
            in_list=True),
        RegisterField("text", "text", N_("Text"), in_list=True),
    ),
    "at",
)  # fmt: skip
REGISTERS: Mapping[str, Register] = {
    book.name: book
    for book in (
        PROCEDURE_REGISTER, MEETING_REGISTER, POLICY_REGISTER, DELIVERY_REGISTER, PROGRESS_REGISTER,
        STATISTICS_REGISTER, DATA_RETURN_REGISTER, TRAINING_REGISTER, EVALUATION_REGISTER, CRITERION_REGISTER,
        ADOPTION_REGISTER, FOLLOW_UP_REGISTER,
    )
}  # fmt: skip
"""Every book by its name on the command line."""
