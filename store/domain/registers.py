"""The registers beside projects, visits and issues, as one table of their fields.

A register is a kind of line that people keep as a list. Its entry here says its fields and their types, which are
required, and by which fields a line is the same on two devices. ``store/commands/register_lines.py`` writes by the
table, ``store/queries/register_lines.py`` reads by it; commands, screens and reports are built from it. Loads no model;
a test compares the table with the models. Titles and labels are English texts, translated where they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

FieldType = Literal[
    "text", "choice", "day", "moment", "month", "period", "yuan", "number", "tenths", "hours",
    "person", "unit", "policy", "training", "issue", "names", "units", "issues", "scores",
]  # fmt: skip
"""How people type a field, and how the line stores it: ``period`` by its name (``store/values/periods.py``); ``yuan``
also takes 万 and 亿; ``tenths`` and ``hours`` are stored as whole tenths and minutes; ``person``, ``unit`` … as ids;
``names``, ``units``, ``issues`` as lists."""
REFERENCE_KINDS: Mapping[FieldType, str] = {
    "person": "person", "unit": "unit", "policy": "policy", "training": "training", "issue": "issue",
}  # fmt: skip
"""The types that refer to one line, and the kind of that line."""
WRITTEN_FOR_OTHERS = ("meeting", "procedure", "policy_delivery", "progress_report", "follow_up")
"""The kinds of register lines that may be written in another's place (``acting_for_id``)."""
ATTACHABLE_KINDS = frozenset(
    {
        "adoption", "data_return", "evaluation", "follow_up", "issue", "issue_step", "meeting", "policy",
        "policy_delivery", "procedure", "progress_report", "project", "statistics_entry", "training", "visit",
    }
)  # fmt: skip
"""The kinds of lines that files can be attached to (`store.ledger.models.attachment`): none that the whole district
reads of people and phones."""
DUE_DAYS = ("due", "promise_due", "valid_until")
"""The day fields that lie ahead; the others say when something was done."""
PEOPLE_FIELDS = ("participants", "who")
"""The lists of names that are people's."""
LIST_TYPES: tuple[FieldType, ...] = ("names", "units", "issues", "scores")


class RegisterField(NamedTuple):
    """One field of a register. ``name`` is its option and its key in JSON, ``label`` the text that people read;
    ``column`` its name in the line, where that differs."""

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
    """One register. ``kind`` is the kind of its lines; ``parent`` what a line belongs to. ``key`` are the fields that,
    with the project, identify a line, so that two devices write the same one; ``order`` is the column that sorts the
    list, newest first; ``required_when`` are triples: a field, a value, and the fields that this value requires."""

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
        """The field that represents a line where there is room for one only."""
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
URGENCIES = ("immediate", "express", "urgent", "routine")
CATEGORIES = ("procedure", "land", "funding", "labour", "utilities", "market", "policy", "other")
WAITING_FOR = ("enterprise", "authority", "agreement")
"""The urgency and category of an issue, and whom a waiting one waits for."""
FILE_ACTS = ("settled", "confirmed", "approved")
"""The acts on an issue for which the district can require files."""
DELIVERY_ACTS = ("transmit", "interpret", "implement")
STATISTICS_DOCUMENTS = ("filing", "contract", "photo", "licence")
EVALUATION_OUTCOMES = ("none", "commendation", "criticism")
CRITICISM_FAULTS = ("fraud", "perfunctory", "not_serving")
ADOPTION_STATUSES = ("set_up", "improving", "not_yet")
CONTACT_METHODS = ("visit", "discussion", "phone", "wechat", "meeting", "other")
SATISFACTION_LEVELS = ("satisfied", "basically", "dissatisfied")

PROCEDURE_REGISTER = Register(
    "procedure", "procedure", "Procedures", "project",
    (
        RegisterField("code", "text", "Code", required=True),
        RegisterField("name", "text", "Procedure", in_list=True),
        RegisterField("status", "choice", "Status", choices=PROCEDURE_STATUSES, in_list=True),
        RegisterField("department", "unit", "Department", in_list=True),
        RegisterField("handler", "person", "Handled by", in_list=True),
        RegisterField("submitted_on", "day", "Submitted"),
        RegisterField("day", "day", "Status since", in_list=True),
        RegisterField("promise_due", "day", "Promised by", in_list=True),
        RegisterField("document", "text", "Document"),
        RegisterField("reason", "text", "Reason"),
        RegisterField("note", "text", "Note"),
    ),
    "name", ("code",),
    (("status", "conditional", ("promise_due",)), ("status", "not_applicable", ("reason",))),
)  # fmt: skip
MEETING_REGISTER = Register(
    "meeting", "meeting", "Special meetings", "project",
    (
        RegisterField("at", "moment", "When", in_list=True),
        RegisterField("title", "text", "Subject", in_list=True),
        RegisterField("number", "text", "Number"),
        RegisterField("level", "number", "Level", required=True, in_list=True),
        RegisterField("chair", "person", "Chair", in_list=True),
        RegisterField("place", "text", "Place"),
        RegisterField("departments", "units", "Departments", in_list=True),
        RegisterField("participants", "names", "Participants"),
        RegisterField("issues", "issues", "Issues"),
        RegisterField("text", "text", "Text"),
        RegisterField("session", "text", "Meeting"),
    ),
    "at",
)  # fmt: skip
POLICY_REGISTER = Register(
    "policy", "policy", "Policies", "district",
    (
        RegisterField("title", "text", "Title", required=True, in_list=True),
        RegisterField("number", "text", "Number"),
        RegisterField("issuer", "text", "Issuer", in_list=True),
        RegisterField("issued", "day", "Issued", in_list=True),
        RegisterField("publicity", "choice", "Publicity", choices=("public", "on_request", "internal")),
        RegisterField("recipients", "names", "Recipients"),
        RegisterField("annexes", "names", "Annexes"),
        RegisterField("text", "text", "Text", required=True),
    ),
    "issued",
)  # fmt: skip
DELIVERY_REGISTER = Register(
    "delivery", "policy_delivery", "Policy deliveries", "project",
    (
        RegisterField("at", "moment", "When", in_list=True),
        RegisterField("policy", "policy", "Policy", required=True, in_list=True),
        RegisterField("act", "choice", "Act", required=True, choices=DELIVERY_ACTS, in_list=True),
        RegisterField("who", "names", "Who"),
        RegisterField("text", "text", "Text", in_list=True),
    ),
    "at",
)  # fmt: skip
PROGRESS_REGISTER = Register(
    "progress", "progress_report", "Progress", "project",
    (
        RegisterField("month", "month", "Month", required=True, in_list=True),
        RegisterField("planned", "yuan", "Planned this year", in_list=True),
        RegisterField("done", "yuan", "Done this year", in_list=True),
        RegisterField("total", "yuan", "Done since the start"),
        RegisterField("physical", "text", "Physical progress", in_list=True),
        RegisterField("text", "text", "Text"),
    ),
    "month", ("month",),
)  # fmt: skip
STATISTICS_REGISTER = Register(
    "statistics", "statistics_entry", "Statistics entries", "project",
    (
        RegisterField("filing", "day", "Filing document", in_list=True),
        RegisterField("contract", "day", "Works contract", in_list=True),
        RegisterField("photo", "day", "Site photo", in_list=True),
        RegisterField("licence", "day", "Construction licence", in_list=True),
        RegisterField("entered", "day", "Entered", in_list=True),
        RegisterField("note", "text", "Note"),
    ),
    "entered", ("",),
)  # fmt: skip
DATA_RETURN_REGISTER = Register(
    "return", "data_return", "Data returns", "project",
    (
        RegisterField("period", "period", "Period", required=True, in_list=True),
        RegisterField("due", "day", "Due", in_list=True),
        RegisterField("returned", "day", "Returned", in_list=True),
        RegisterField("note", "text", "Note"),
    ),
    "period", ("period",),
)  # fmt: skip
TRAINING_REGISTER = Register(
    "training", "training", "Training", "district",
    (
        RegisterField("at", "moment", "When", in_list=True),
        RegisterField("title", "text", "Title", in_list=True),
        RegisterField("kind", "choice", "Kind", required=True, choices=("integrity", "professional"), in_list=True),
        RegisterField("organiser", "unit", "Organiser", in_list=True),
        RegisterField("hours", "hours", "Hours", required=True, in_list=True, column="minutes"),
        RegisterField("place", "text", "Place"),
        RegisterField("text", "text", "Text"),
    ),
    "at",
)  # fmt: skip
EVALUATION_REGISTER = Register(
    "evaluation", "evaluation", "Evaluations", "district",
    (
        RegisterField("period", "period", "Period", required=True, in_list=True),
        RegisterField("unit", "unit", "Unit", in_list=True),
        RegisterField("person", "person", "Person", in_list=True),
        RegisterField("score", "tenths", "Score", in_list=True),
        RegisterField("scores", "scores", "Score lines"),
        RegisterField("outcome", "choice", "Outcome", required=True, choices=EVALUATION_OUTCOMES, in_list=True),
        RegisterField("fault", "choice", "Fault", choices=CRITICISM_FAULTS),
        RegisterField("reason", "text", "Reason", in_list=True),
        RegisterField("basis", "text", "Legal basis"),
        RegisterField("text", "text", "Text"),
    ),
    "period", (),
    (("outcome", "criticism", ("fault", "reason", "basis")), ("outcome", "commendation", ("reason",))),
)  # fmt: skip
CRITERION_REGISTER = Register(
    "criterion", "criterion", "Score lines", "district",
    (
        RegisterField("code", "text", "Code", required=True, in_list=True),
        RegisterField("name", "text", "Score line", required=True, in_list=True),
        RegisterField("points", "tenths", "Points", required=True, in_list=True),
        RegisterField("fact", "choice", "Fact", choices=("in_time", "silence", "returned", "disputed"),
            in_list=True),
        RegisterField("rank", "number", "Rank"),
    ),
    "rank", ("code",),
)  # fmt: skip
ADOPTION_REGISTER = Register(
    "adoption", "adoption", "Adoption", "district",
    (
        RegisterField("unit", "unit", "Unit", required=True, in_list=True),
        RegisterField("status", "choice", "Status", required=True, choices=ADOPTION_STATUSES, in_list=True),
        RegisterField("day", "day", "Status since", in_list=True),
        RegisterField("note", "text", "Note", in_list=True),
    ),
    "day", ("unit",),
)  # fmt: skip
FOLLOW_UP_REGISTER = Register(
    "follow-up", "follow_up", "Follow-ups", "issue",
    (
        RegisterField("at", "moment", "When", in_list=True),
        RegisterField("issue", "issue", "Issue", required=True, in_list=True),
        RegisterField("how", "choice", "How", choices=CONTACT_METHODS),
        RegisterField("who", "names", "Who answered", in_list=True),
        RegisterField("satisfaction", "choice", "Satisfaction", required=True, choices=SATISFACTION_LEVELS,
            in_list=True),
        RegisterField("text", "text", "Text", in_list=True),
    ),
    "at",
)  # fmt: skip
TIME_RULE_REGISTER = Register(
    "time-rule", "time_rule", "Time rules", "district",
    (
        RegisterField("days", "number", "How many", required=True, in_list=True),
        RegisterField("counting", "choice", "Counted in", required=True,
            choices=("workdays", "days", "hours", "clock_hours"), in_list=True),
        RegisterField("act", "choice", "Act", choices=("accept", "contact", "progress", "opinion", "settle", "approve"),
            in_list=True),
        RegisterField("start", "choice", "Runs from", required=True, choices=("assigned", "recorded", "called"),
            in_list=True),
        RegisterField("urgency", "choice", "Urgency", choices=URGENCIES, in_list=True),
        RegisterField("category", "choice", "Category", choices=CATEGORIES, in_list=True),
        RegisterField("pauses", "choice", "Paused by", required=True, choices=("none", "enterprise", "outside", "any"),
            in_list=True),
        RegisterField("valid_from", "day", "Valid from", required=True, in_list=True),
        RegisterField("valid_until", "day", "Valid until"),
        RegisterField("extended_by", "choice", "Extended by", choices=("butler", "lead_leader", "bureau")),
        RegisterField("note", "text", "Note"),
    ),
    "valid_from",
)  # fmt: skip
FILE_RULE_REGISTER = Register(
    "file-rule", "file_rule", "Required files", "district",
    (
        RegisterField("act", "choice", "Act", required=True, choices=FILE_ACTS, in_list=True),
        RegisterField("count", "number", "Files", required=True, in_list=True, column="files"),
        RegisterField("category", "choice", "Category", choices=CATEGORIES, in_list=True),
        RegisterField("valid_from", "day", "Valid from", required=True, in_list=True),
        RegisterField("valid_until", "day", "Valid until"),
        RegisterField("note", "text", "Note"),
    ),
    "valid_from",
)  # fmt: skip
PHRASE_REGISTER = Register(
    "phrase", "phrase", "Phrases", "district",
    (
        RegisterField("text", "text", "Text", required=True, in_list=True),
        RegisterField("person", "person", "Whose", in_list=True),
    ),
    "text",
)  # fmt: skip
REGISTERS: Mapping[str, Register] = {
    register.name: register
    for register in (
        PROCEDURE_REGISTER, MEETING_REGISTER, POLICY_REGISTER, DELIVERY_REGISTER, PROGRESS_REGISTER,
        STATISTICS_REGISTER, DATA_RETURN_REGISTER, TRAINING_REGISTER, EVALUATION_REGISTER, CRITERION_REGISTER,
        ADOPTION_REGISTER, FOLLOW_UP_REGISTER, TIME_RULE_REGISTER, FILE_RULE_REGISTER,
        PHRASE_REGISTER,
    )
}  # fmt: skip
"""Every register by its name on the command line."""
