"""The institution: every other register, close-out numbers, the district's limits."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.db.migrations.columns import envelope, json, number, small, text

revision = "0002"
down_revision = "0001"


def kind(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(name, *envelope(), *columns)


def must(name: str) -> sa.Column[Any]:
    return text(name, nullable=False)


def upgrade() -> None:
    _projects()
    _district()
    _issues()
    op.add_column("issue_state", text("because"))


def _projects() -> None:
    kind(
        "procedure", must("code"), must("name"), must("status"), text("department_id"), text("handler_id"),
        text("reason"), text("promise_due"), text("document"), text("day"), text("submitted_on"), text("note"),
    )  # fmt: skip
    op.create_index("procedure_project", "procedure", ["project_id"])
    op.create_index("procedure_department", "procedure", ["department_id"])
    kind(
        "meeting", must("session"), must("number"), must("title"), must("at"), small("level"), text("chair_id"),
        text("place"), json("departments"), json("participants"), json("issues"), text("text"),
    )  # fmt: skip
    op.create_index("meeting_project", "meeting", ["project_id"])
    op.create_index("meeting_session", "meeting", ["session"])
    kind("policy_delivery", must("policy_id"), must("act"), must("at"), json("who"), text("text"))
    op.create_index("policy_delivery_policy", "policy_delivery", ["policy_id"])
    op.create_index("policy_delivery_project", "policy_delivery", ["project_id"])
    money = [number(name, nullable=True) for name in ("planned", "done", "total")]
    kind("progress_report", must("month"), *money, text("physical"), text("text"))
    op.create_index("progress_report_project", "progress_report", ["project_id", "month"])
    papers = [text(name) for name in ("filing", "contract", "photo", "licence", "entered")]
    kind("statistics_entry", *papers, text("note"))
    op.create_index("statistics_entry_project", "statistics_entry", ["project_id"])
    kind("data_return", must("period"), text("due"), text("returned"), text("note"))
    op.create_index("data_return_project", "data_return", ["project_id"])


def _district() -> None:
    kind(
        "policy", must("title"), text("number"), text("issuer"), text("issued"), text("publicity"), json("recipients"),
        json("annexes"), text("text"),
    )  # fmt: skip
    kind(
        "training", must("title"), must("kind"), text("organiser_id"), must("at"), small("minutes"), text("place"),
        text("text"),
    )  # fmt: skip
    kind("attendance", must("training_id"), must("person_id"))
    op.create_index("attendance_training", "attendance", ["training_id"])
    op.create_index("attendance_person", "attendance", ["person_id"])
    kind(
        "evaluation", must("period"), text("unit_id"), text("person_id"), json("scores"), small("score", nullable=True),
        must("outcome"), text("fault"), text("reason"), text("basis"), text("text"),
    )  # fmt: skip
    op.create_index("evaluation_period", "evaluation", ["period"])
    kind("criterion", must("code"), must("name"), small("points"), text("fact"), small("rank", nullable=True))
    kind("adoption", must("unit_id"), must("status"), text("day"), text("note"))
    kind("district_limit", must("name"), small("value"))


def _issues() -> None:
    kind(
        "follow_up", must("issue_id"), must("at"), must("how"), json("who"), must("satisfaction"), text("text"),
    )  # fmt: skip
    op.create_index("follow_up_issue", "follow_up", ["issue_id"])
    kind("close_out", must("issue_id"), must("approval_id"), must("number"), small("year"), small("serial"))
    op.create_index("close_out_issue", "close_out", ["issue_id"])
