"""The bytes of attachments on a device: encrypted files beside the ledger, and how far each has travelled.

Map: ``sealed_file.py`` (the format of one file), ``blob_store.py`` (all of them, by bucket and content),
``transfers.py`` (what the central has confirmed, what was asked for, the budget).
"""
