"""The encrypted SQLite file: connections, snapshots, transactions, schema version, migrations. Knows nothing of lines.

Use: `database.Database`, `connection.Connection`, `connection.translate_errors`, `device_facts.read_device_facts`,
`schema_version.HEAD`. Opening a ledger is `store.writer.upgrade.open_store`. May import `store.exceptions`; only
``migrations`` loads Alembic and SQLAlchemy.
"""
