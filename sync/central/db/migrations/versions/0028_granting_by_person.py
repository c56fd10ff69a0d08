"""The index of the lines that grant leads to those of a person, so that a push need not read all of the district's."""

from alembic import op

revision = "0028"
down_revision = "0027"

CONCERNS = """(CASE WHEN kind = 'merge' OR {find}(wire, '"role":"stand_in"') > 0
 OR {find}(wire, '"role":"bureau"') > 0 OR length(wire) - length(replace(wire, '"person_id":"', '')) > 13
 THEN '' ELSE substr(wire, {find}(wire, '"person_id":"') + 13, 36) END)"""


def upgrade() -> None:
    connection = op.get_bind()
    concerns = CONCERNS.format(find="strpos" if connection.dialect.name == "postgresql" else "instr")
    op.drop_index("line_grants", "line")
    connection.exec_driver_sql(
        f"CREATE INDEX line_granting ON line (district, {concerns}) WHERE kind IN ('assignment', 'merge')"
    )
