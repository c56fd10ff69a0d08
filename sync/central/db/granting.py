"""The index of the lines that decide on the roles of accounts: by whom they concern, as their stored texts say.

It is an index of an expression over the canonical text, so no writer of lines has to know of it, and it is right after
each of them. Next: ``sync/central/accounts/assignment_book.py`` (what is read by it).
"""

from __future__ import annotations

from sqlalchemy import Index, Text, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

GRANTING = "kind IN ('assignment', 'merge')"
"""The lines that decide on the roles of accounts: their index is so small that it costs other lines nothing."""
EVERYBODY = ""
"""In place of a person: what is read for everybody."""
_MARK = '"person_id":"'
"""What stands before the person in the canonical text. No text of a person has it: its quotes are escaped."""
_CONCERNS = f"""(CASE WHEN kind = 'merge' OR {{find}}(wire, '"role":"stand_in"') > 0
 OR {{find}}(wire, '"role":"bureau"') > 0 OR length(wire) - length(replace(wire, '{_MARK}', '')) > {len(_MARK)}
 THEN '{EVERYBODY}' ELSE substr(wire, {{find}}(wire, '{_MARK}') + {len(_MARK)}, 36) END)"""


class WhomItConcerns(FunctionElement[str]):
    """Of a row of ``line`` within `GRANTING`: the id of the assignment's person, `EVERYBODY` for a merge, a stand-in,
    one of the bureau, and for a text that names more than one (in a field that this version does not know). It is
    written out, not made of parameters: only then the database finds that it is the index's."""

    inherit_cache = True
    type = Text()


@compiles(WhomItConcerns)
def _compile(_element: WhomItConcerns, compiler: SQLCompiler, **_options: object) -> str:
    return _CONCERNS.format(find="strpos" if compiler.dialect.name == "postgresql" else "instr")


def granting_index() -> Index:
    """The index, for the table of lines."""
    where = text(GRANTING)
    return Index("line_granting", "district", WhomItConcerns(), sqlite_where=where, postgresql_where=where)
