"""One device: an opened home with its store, clock and credentials. Use: ``device.Device``,
``fingerprint.is_copy``.

It may import ``store`` and the protocol; it knows nothing of HTTP or of rounds.
"""
