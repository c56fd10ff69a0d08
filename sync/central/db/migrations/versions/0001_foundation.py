"""The foundation: districts, lines and their versions, buckets, accounts, roles, devices, invites, audit."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def word(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, WORD, nullable=nullable)


def number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def received() -> list[sa.Column[Any]]:
    return [word("wire"), word("account"), number("received_at"), word("sender", nullable=True),
            number("from_stamp", nullable=True)]  # fmt: skip


def table(name: str, key: sa.Column[Any], *rest: sa.Column[Any] | sa.UniqueConstraint) -> None:
    op.create_table(name, word("district"), key, *rest, sa.PrimaryKeyConstraint("district", key.name))


def upgrade() -> None:
    op.create_table(
        "district", word("code"), word("name"), word("central"), word("secret"), number("seq"), number("lines"),
        number("hi"), number("lo"), word("kinds"), number("created_at"), sa.PrimaryKeyConstraint("code"),
    )  # fmt: skip
    ledger()
    people()
    around()
    guard()


def ledger() -> None:
    table("line", word("id"), number("seq"), word("kind"), word("bucket"), number("stamp"), word("device"),
          number("digest"), *received(), flag("damaged"))  # fmt: skip
    op.create_index("line_seq", "line", ["district", "seq"], unique=True)
    op.create_index("line_bucket", "line", ["district", "bucket", "seq"])
    table("version", number("seq"), word("id"), word("bucket"), number("stamp"), word("device"), number("digest"),
          *received(), word("reason"), number("replaced_at"))  # fmt: skip
    op.create_index("version_line", "version", ["district", "id"])
    table("bucket", word("bucket"), word("area"), word("grp"), word("project", nullable=True),
          word("department", nullable=True), number("seq"), number("lines"), number("hi"), number("lo"))  # fmt: skip
    for column in ("project", "department", "area"):
        op.create_index(f"bucket_{column}", "bucket", ["district", column])


def people() -> None:
    table("account", word("id"), word("person"), word("name"), number("created_at"),
          sa.UniqueConstraint("district", "name"), sa.UniqueConstraint("district", "person"))  # fmt: skip
    table("role", number("n"), word("account"), word("role"), word("project", nullable=True),
          word("department", nullable=True), number("granted_at"), number("withdrawn_at", nullable=True))  # fmt: skip
    op.create_index("role_account", "role", ["district", "account"])
    op.create_index("role_department", "role", ["district", "department"])
    table("device", word("id"), word("account"), word("name"), word("token_hash"), number("created_at"),
          number("seen_at"), number("revoked_at", nullable=True))  # fmt: skip
    op.create_index("device_account", "device", ["district", "account"])
    table("invite", word("code_hash"), word("name"), word("roles"), number("created_at"), number("expires_at"),
          number("used_at", nullable=True))  # fmt: skip


def around() -> None:
    table("scope_event", number("seq"), word("account"), word("bucket"), flag("granted"))
    op.create_index("scope_event_account", "scope_event", ["district", "account", "seq"])
    table("audit", number("seq"), number("at"), word("account", nullable=True), word("device", nullable=True),
          word("action"), word("detail"))  # fmt: skip
    table("attempt", word("key"), number("started"), number("tries"))


def guard() -> None:
    guarded = (("audit", ("UPDATE", "DELETE")), ("version", ("UPDATE", "DELETE")), ("line", ("DELETE",)))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION guanjia_append_only() RETURNS trigger LANGUAGE plpgsql AS $$\n"
            "BEGIN RAISE EXCEPTION '% of % is refused: the ledger is append-only', TG_OP, TG_TABLE_NAME; END $$"
        )
        for name, acts in guarded:
            op.execute(
                f"CREATE TRIGGER {name}_append_only BEFORE {' OR '.join((*acts, 'TRUNCATE'))} ON {name} "
                "FOR EACH STATEMENT EXECUTE FUNCTION guanjia_append_only()"
            )
        return
    for name, acts in guarded:
        for act in acts:
            op.execute(
                f"CREATE TRIGGER {name}_no_{act.lower()} BEFORE {act} ON {name} "
                f"BEGIN SELECT RAISE(ABORT, '{act} of {name} is refused: the ledger is append-only'); END"
            )
