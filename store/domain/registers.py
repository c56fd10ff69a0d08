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

Shape = Literal[
    "text", "choice", "day", "moment", "month", "yuan", "number", "tenths", "hours",
    "person", "unit", "policy", "training", "issue", "names", "units", "issues", "scores",
]  # fmt: skip
"""How people give a field, and how the line keeps it: ``yuan`` also takes 万 and 亿; ``tenths`` and ``hours`` are kept
as whole tenths and minutes; ``person``, ``unit`` … as ids; ``names``, ``units``, ``issues`` as lists of them."""
NAMING: Mapping[Shape, str] = {
    "person": "person", "unit": "unit", "policy": "policy", "training": "training", "issue": "issue",
}  # fmt: skip
"""The shapes that name one line, and the kind of that line."""
LISTS: tuple[Shape, ...] = ("names", "units", "issues", "scores")


class Field(NamedTuple):
    """One field of a book. ``name`` is its option and its name in JSON, ``label`` what people read."""

    name: str
    shape: Shape
    label: str
    needed: bool = False
    choices: tuple[str, ...] = ()
    listed: bool = False
    column: str = ""

    @property
    def stored(self) -> str:
        """The field's name in the line."""
        return self.column or (f"{self.name}_id" if self.shape in NAMING else self.name)


class Book(NamedTuple):
    """One register. ``kind`` is its lines' kind. ``of`` says what a line belongs to: a project, an issue or the
    district. ``key`` names the fields by which a line is one and the same wherever it is written (with its project, if
    it has one); ``order`` the column that sorts the list, newest first; ``calls_for`` what a field's value calls for,
    such as a reason."""

    name: str
    kind: str
    title: str
    of: Literal["project", "issue", "district"]
    fields: tuple[Field, ...]
    order: str
    key: tuple[str, ...] = ()
    calls_for: tuple[tuple[str, str, tuple[str, ...]], ...] = ()

    def field(self, name: str) -> Field:
        """The field of this name."""
        return next(field for field in self.fields if field.name == name)

    @property
    def headline(self) -> Field:
        """The field that stands for a line where there is room for one."""
        return next(field for field in self.fields if field.listed)


STATUSES = ("not_started", "preparing", "submitted", "supplementing", "conditional", "granted", "not_applicable")
DELIVERIES = ("transmit", "interpret", "implement")
PAPERS = ("filing", "contract", "photo", "licence")
OUTCOMES = ("none", "commendation", "criticism")
FAULTS = ("fraud", "perfunctory", "not_serving")
ADOPTIONS = ("set_up", "improving", "not_yet")
HOW = ("visit", "discussion", "phone", "wechat", "meeting", "other")
SATISFACTION = ("satisfied", "basically", "dissatisfied")

PROCEDURE = Book(
    "procedure", "procedure", N_("Procedures"), "project",
    (
        Field("code", "text", N_("Code"), needed=True),
        Field("name", "text", N_("Procedure"), listed=True),
        Field("status", "choice", N_("Status"), choices=STATUSES, listed=True),
        Field("department", "unit", N_("Department"), listed=True),
        Field("handler", "person", N_("Handled by"), listed=True),
        Field("submitted_on", "day", N_("Submitted")),
        Field("day", "day", N_("Status since"), listed=True),
        Field("promise_due", "day", N_("Promised by"), listed=True),
        Field("document", "text", N_("Document")),
        Field("reason", "text", N_("Reason")),
        Field("note", "text", N_("Note")),
    ),
    "name", ("code",),
    (("status", "conditional", ("promise_due",)), ("status", "not_applicable", ("reason",))),
)  # fmt: skip
MEETING = Book(
    "meeting", "meeting", N_("Special meetings"), "project",
    (
        Field("at", "moment", N_("When"), listed=True),
        Field("title", "text", N_("Subject"), listed=True),
        Field("number", "text", N_("Number")),
        Field("level", "number", N_("Level"), needed=True, listed=True),
        Field("chair", "person", N_("Chair"), listed=True),
        Field("place", "text", N_("Place")),
        Field("departments", "units", N_("Departments"), listed=True),
        Field("participants", "names", N_("Participants")),
        Field("issues", "issues", N_("Issues")),
        Field("text", "text", N_("Text")),
        Field("session", "text", N_("Meeting")),
    ),
    "at",
)  # fmt: skip
POLICY = Book(
    "policy", "policy", N_("Policies"), "district",
    (
        Field("title", "text", N_("Title"), needed=True, listed=True),
        Field("number", "text", N_("Number")),
        Field("issuer", "text", N_("Issuer"), listed=True),
        Field("issued", "day", N_("Issued"), listed=True),
        Field("publicity", "choice", N_("Publicity"), choices=("public", "on_request", "internal")),
        Field("recipients", "names", N_("Recipients")),
        Field("annexes", "names", N_("Annexes")),
        Field("text", "text", N_("Text"), needed=True),
    ),
    "issued",
)  # fmt: skip
DELIVERY = Book(
    "delivery", "policy_delivery", N_("Policy deliveries"), "project",
    (
        Field("at", "moment", N_("When"), listed=True),
        Field("policy", "policy", N_("Policy"), needed=True, listed=True),
        Field("act", "choice", N_("Act"), needed=True, choices=DELIVERIES, listed=True),
        Field("who", "names", N_("Who")),
        Field("text", "text", N_("Text"), listed=True),
    ),
    "at",
)  # fmt: skip
PROGRESS = Book(
    "progress", "progress_report", N_("Progress"), "project",
    (
        Field("month", "month", N_("Month"), needed=True, listed=True),
        Field("planned", "yuan", N_("Planned this year"), listed=True),
        Field("done", "yuan", N_("Done this year"), listed=True),
        Field("total", "yuan", N_("Done since the start")),
        Field("physical", "text", N_("Physical progress"), listed=True),
        Field("text", "text", N_("Text")),
    ),
    "month", ("month",),
)  # fmt: skip
STATISTICS = Book(
    "statistics", "statistics_entry", N_("Statistics entries"), "project",
    (
        Field("filing", "day", N_("Filing document"), listed=True),
        Field("contract", "day", N_("Works contract"), listed=True),
        Field("photo", "day", N_("Site photo"), listed=True),
        Field("licence", "day", N_("Construction licence"), listed=True),
        Field("entered", "day", N_("Entered"), listed=True),
        Field("note", "text", N_("Note")),
    ),
    "entered", ("",),
)  # fmt: skip
RETURNS = Book(
    "return", "data_return", N_("Data returns"), "project",
    (
        Field("period", "text", N_("Period"), needed=True, listed=True),
        Field("due", "day", N_("Due"), listed=True),
        Field("returned", "day", N_("Returned"), listed=True),
        Field("note", "text", N_("Note")),
    ),
    "period", ("period",),
)  # fmt: skip
TRAINING = Book(
    "training", "training", N_("Training"), "district",
    (
        Field("at", "moment", N_("When"), listed=True),
        Field("title", "text", N_("Title"), listed=True),
        Field("kind", "choice", N_("Kind"), needed=True, choices=("integrity", "professional"), listed=True),
        Field("organiser", "unit", N_("Organiser"), listed=True),
        Field("hours", "hours", N_("Hours"), needed=True, listed=True, column="minutes"),
        Field("place", "text", N_("Place")),
        Field("text", "text", N_("Text")),
    ),
    "at",
)  # fmt: skip
EVALUATION = Book(
    "evaluation", "evaluation", N_("Evaluations"), "district",
    (
        Field("period", "text", N_("Period"), needed=True, listed=True),
        Field("unit", "unit", N_("Unit"), listed=True),
        Field("person", "person", N_("Person"), listed=True),
        Field("score", "tenths", N_("Score"), listed=True),
        Field("scores", "scores", N_("Score lines")),
        Field("outcome", "choice", N_("Outcome"), needed=True, choices=OUTCOMES, listed=True),
        Field("fault", "choice", N_("Fault"), choices=FAULTS),
        Field("reason", "text", N_("Reason"), listed=True),
        Field("basis", "text", N_("Legal basis")),
        Field("text", "text", N_("Text")),
    ),
    "period", (),
    (("outcome", "criticism", ("fault", "reason", "basis")), ("outcome", "commendation", ("reason",))),
)  # fmt: skip
CRITERIA = Book(
    "criterion", "criterion", N_("Score lines"), "district",
    (
        Field("code", "text", N_("Code"), needed=True, listed=True),
        Field("name", "text", N_("Score line"), needed=True, listed=True),
        Field("points", "tenths", N_("Points"), needed=True, listed=True),
        Field("fact", "choice", N_("Fact"), choices=("in_time", "silence", "returned", "disputed"), listed=True),
        Field("rank", "number", N_("Rank")),
    ),
    "rank", ("code",),
)  # fmt: skip
ADOPTION = Book(
    "adoption", "adoption", N_("Adoption"), "district",
    (
        Field("unit", "unit", N_("Unit"), needed=True, listed=True),
        Field("status", "choice", N_("Status"), needed=True, choices=ADOPTIONS, listed=True),
        Field("day", "day", N_("Status since"), listed=True),
        Field("note", "text", N_("Note"), listed=True),
    ),
    "day", ("unit",),
)  # fmt: skip
FOLLOW_UP = Book(
    "follow-up", "follow_up", N_("Follow-ups"), "issue",
    (
        Field("at", "moment", N_("When"), listed=True),
        Field("issue", "issue", N_("Issue"), needed=True, listed=True),
        Field("how", "choice", N_("How"), choices=HOW),
        Field("who", "names", N_("Who answered"), listed=True),
        Field("satisfaction", "choice", N_("Satisfaction"), needed=True, choices=SATISFACTION, listed=True),
        Field("text", "text", N_("Text"), listed=True),
    ),
    "at",
)  # fmt: skip
BOOKS: Mapping[str, Book] = {
    book.name: book
    for book in (
        PROCEDURE, MEETING, POLICY, DELIVERY, PROGRESS, STATISTICS, RETURNS, TRAINING, EVALUATION, CRITERIA, ADOPTION,
        FOLLOW_UP,
    )
}  # fmt: skip
"""Every book by its name on the command line."""
