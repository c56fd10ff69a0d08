"""Sync between a device and its central: one round, the daemon that repeats it, the wire protocol, the central API.

It may import ``store`` and nothing else of ours. The device modules import nothing of ``sync.central``. Use:
``round.sync_home`` (one round now), ``daemon.daemon.run_daemon``, ``enrolment.join_central``,
``central.api.serve.serve`` and ``central.admin.admin``. The map is in README.md.
"""
