"""The kinds of ledger line, one file each. A new kind is a file here, a migration and its words in two languages."""
