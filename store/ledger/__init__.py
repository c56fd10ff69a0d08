"""Versions of ledger lines, as pure rules: envelope, kinds, hybrid clock, merge rule, buckets, row mapping.

Use: `line.Line`, `line.canonical_json`, `merge.replaces`, `merge.supersede_reason`, `hlc.tick`,
`clock_correction.corrected_timestamps`, `buckets.bucket_name`, `buckets.SetChecksum`, `kinds.kinds`, `kinds.bucket_of`.
The models are in ``models``, one file for each kind; `kind_facts` is what may be known of them without loading them.
May import `store.values` and `store.exceptions`; opens no transaction.
"""
