"""The lookup's words are written anew: traditional forms and the former private code points of GB18030 are found by
the usual character, and the reverse. `store.writer.reindex` writes them when the store is opened."""

from alembic import op
from sqlalchemy import text

revision = "0013"
down_revision = "0012"

STATEMENTS = (
    "DROP TABLE search_word",
    "CREATE VIRTUAL TABLE search_word USING fts5(words, content='', contentless_delete=1, tokenize='ascii')",
    "INSERT INTO search_word (search_word, rank) VALUES ('pgsz', 3950)",
    "DELETE FROM meta WHERE key = 'rewording_done'",
    "INSERT OR REPLACE INTO meta (key, value) SELECT 'rewording', max(n) FROM search_line HAVING max(n) IS NOT NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(text(statement))
