"""A home: the folder of one person on one device. Its paths, round lock, settings, secrets and device state.

Use: `paths.resolve_home`, `paths.require_home`, `paths.RoundLock`, `settings.load_settings`,
`credentials.open_credentials`, `device_state.DeviceState`, `drafts.unsaved_drafts`, `sync_history.save_round`,
`sync_progress.running_round`. May import `store.db`, `store.values` and `store.exceptions`; nothing heavy, since
``guanjia find`` loads it.
"""
