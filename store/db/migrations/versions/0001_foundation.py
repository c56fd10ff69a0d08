"""The foundation: seven kinds of ledger line, history, outbox, agreement, and the lookup index."""

import sqlalchemy as sa
from alembic import op

from store.db.migrations.columns import envelope, flag, json, number, text

revision = "0001"
down_revision = None


LOOKUP = (
    """CREATE TABLE search_line (
    n INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, project_id TEXT,
    root TEXT, number TEXT, number_key TEXT, title TEXT NOT NULL, people TEXT NOT NULL,
    brief TEXT NOT NULL, at TEXT)""",
    "CREATE INDEX search_line_number ON search_line (number_key) WHERE number_key IS NOT NULL",
    "CREATE INDEX search_line_root ON search_line (root) WHERE root IS NOT NULL",
    "CREATE VIRTUAL TABLE search_word USING fts5(words, content='', contentless_delete=1, tokenize='ascii')",
)


def upgrade() -> None:
    _kinds()
    _issue_kinds()
    _local()
    _exchange()
    for statement in LOOKUP:
        op.execute(statement)


def _kinds() -> None:
    op.create_table("unit", *envelope(), text("name", nullable=False), text("kind"), text("phone"), text("note"))
    op.create_table(
        "person", *envelope(), text("name", nullable=False), text("phone"), text("unit_id"), text("title"), text("note")
    )
    op.create_table(
        "project", *envelope(), text("name", nullable=False), text("number", nullable=False),
        text("category", nullable=False), text("stage"), text("scope_reason"), number("investment_yuan", nullable=True),
        text("owner"), text("national_code"), json("adjustments"), text("note"),
    )  # fmt: skip
    op.create_table(
        "assignment", *envelope(), text("role", nullable=False), text("person_id"), text("unit_id"),
        text("from_date"), text("to_date"), text("stage"), text("note"),
    )  # fmt: skip
    op.create_index("assignment_project", "assignment", ["project_id"])
    op.create_index("assignment_person", "assignment", ["person_id"])
    op.create_table(
        "visit", *envelope(), text("at", nullable=False), text("how", nullable=False), text("place"),
        json("participants"), text("text"), json("issues_raised"), json("issues_moved"),
    )  # fmt: skip
    present = sa.text("deleted = 0")
    op.create_index("visit_project", "visit", ["project_id", "at", "id"], sqlite_where=present)
    op.create_index("visit_at", "visit", ["at", "id"], sqlite_where=present)


def _issue_kinds() -> None:
    op.create_table(
        "issue", *envelope(), text("number", nullable=False), text("title", nullable=False),
        text("kind", nullable=False), text("about"), text("category"), text("department_id"), text("owner_id"),
        text("due"), text("source"), text("source_id"), text("raised_at"), text("text"),
    )  # fmt: skip
    op.create_index("issue_project", "issue", ["project_id"])
    op.create_table(
        "issue_step", *envelope(), text("issue_id", nullable=False), text("act", nullable=False), text("at"),
        text("text"), text("reason"), text("department_id"), text("owner_id"), text("due"), text("until"),
        sa.Column("level", sa.Integer(), nullable=True), text("meeting_id"), text("measure"), text("evidence"),
        text("cause"), text("merged_into"), text("close_number"), json("versions"),
    )  # fmt: skip
    op.create_index("issue_step_issue", "issue_step", ["issue_id"])
    op.create_table(
        "issue_state", text("id", primary_key=True, nullable=False), text("project_id"), text("state", nullable=False),
        sa.Column("level", sa.Integer(), nullable=False), text("department_id"), text("owner_id"), text("due"),
        text("waiting_until"), number("progress_at", nullable=True), number("closed_at", nullable=True),
        text("close_number"), text("out_of_turn"), number("updated"),
    )  # fmt: skip
    op.create_index("issue_state_project", "issue_state", ["project_id"])
    op.create_index("issue_state_department", "issue_state", ["department_id"])
    op.create_index("issue_state_state", "issue_state", ["state"])


def _local() -> None:
    op.create_table(
        "unknown_line", text("id", primary_key=True, nullable=False), text("kind", nullable=False), text("project_id"),
        number("stamp"), text("device_id", nullable=False), text("author_id", nullable=False), flag("deleted"),
        text("body", nullable=False), number("base"), number("digest"),
    )  # fmt: skip
    op.create_table(
        "history", text("id", primary_key=True, nullable=False), number("stamp", primary_key=True),
        text("device_id", primary_key=True, nullable=False), text("author_id", nullable=False),
        text("kind", nullable=False), text("project_id"), flag("deleted"), text("body", nullable=False),
        number("base"), text("reason", nullable=False), number("at"),
    )  # fmt: skip
    op.create_table("meta", text("key", primary_key=True, nullable=False), text("value", nullable=False))
    op.create_table("draft", text("key", primary_key=True, nullable=False), text("body", nullable=False), number("at"))
    op.create_table(
        "notice", sa.Column("n", sa.Integer(), primary_key=True), number("at"), text("code", nullable=False),
        text("detail", nullable=False), flag("seen"),
    )  # fmt: skip


def _exchange() -> None:
    op.create_table(
        "outbox", text("id", primary_key=True, nullable=False), number("n"), text("kind", nullable=False),
        text("bucket", nullable=False), number("stamp"), sa.Column("wire", sa.LargeBinary(), nullable=False),
        number("digest"), number("base_digest", nullable=True),
        number("base_stamp", nullable=True), number("drift_ms"), text("state", nullable=False), text("code"),
        text("reason"), number("at", nullable=True),
    )  # fmt: skip
    op.create_index("outbox_order", "outbox", ["n"])
    op.create_table(
        "agreement", text("bucket", primary_key=True, nullable=False), number("lines"), number("hi"), number("lo")
    )
    op.create_table("fill", text("bucket", primary_key=True, nullable=False))
