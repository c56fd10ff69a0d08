"""HTTP to the central. Use: ``client.HttpCentral`` (``sync/protocol/calls.py`` over HTTP), ``endpoint.check_address``.

It may import the protocol and ``store.values``; it knows nothing of the store's database or of rounds.
"""
