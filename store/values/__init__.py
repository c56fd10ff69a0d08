"""Single values as people type them and as the ledger stores them. Pure; imports only `store.exceptions`.

Use: `text.sanitize`, `text.normalize_name`, `text.phone_key`, `times.parse_time`, `times.parse_day`,
`times.format_moment`, `dates.read_day`, `amounts.parse_yuan`, `workdays.add_workdays`; of small files:
`text_files.decode_text`, `toml_files.parse_toml`.
"""
