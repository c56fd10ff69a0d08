"""The lookup's words are written anew: newest first from the start of the index on, in pages that fit the encrypted
file's, titles by two characters and by their beginnings. `store.writer.reindex` writes them when the store is
opened."""

from alembic import op
from sqlalchemy import text

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    "DROP TABLE search_word",
    "CREATE VIRTUAL TABLE search_word USING fts5(words, content='', contentless_delete=1, tokenize='ascii')",
    "INSERT INTO search_word (search_word, rank) VALUES ('pgsz', 3950)",
    "INSERT INTO meta (key, value) SELECT 'rewording', max(n) FROM search_line HAVING max(n) IS NOT NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(text(statement))
