"""The one writer: every statement that changes lines, outbox, history, checksums or the search index.

Use: `local_writes.Ledger` (an officer's writes, undo, drafts of forms), `sync_writes.SyncLedger` (a round's writes),
`upgrade.open_store`, `upgrade.create_store`, `backup.backup_store`, `checksums.recompute_by_bucket`,
`issue_repair.repair_issue_states`. May import `store.search`, `store.domain` and what stands below them, since a line,
its index entry and its issue's state are written in one transaction (`transaction.Transaction`).
"""
