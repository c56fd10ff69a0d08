"""The stored values that have a label, by family; the catalogs must have every one of them.

The values of a kind's own fields (``visit.how``, ``issue.category``) are not listed here: ``tui/i18n/extract.py`` reads
them from the models, so that the labels of a new kind cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping

from store.exceptions import UNREACHABLE_CODES
from store.values.file_causes import FILE_CAUSES

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "state": (
        "open", "assigned", "in_progress", "waiting", "escalated", "settled", "pending_approval", "closed", "cancelled",
    ),
    "light": ("red", "yellow", "blue"),
    "light_name": ("red", "yellow", "blue"),
    "light_mark": ("red", "yellow", "blue"),
    "level": ("1", "2", "3"),
    "form_fault": ("computing", "loop", "size", "ending", "macro", "link", "field", "syntax"),
    "rhythm": ("day", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "month"),
    "month_name": ("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"),
    "role": ("butler", "lead_leader", "department", "bureau", "supervision_office", "principal_leader", "auditor"),
    "export": ("dump", "backup", "ledger-key", "attachment", "list", "calendar"),
    "audit_action": (
        "write", "late", "regained", "restamped", "create", "invite", "code_withdrawn", "join", "join_refused",
        "token_refused", "admin_refused", "renew", "replaced", "device_keys", "twin", "grant", "withdraw", "grants",
        "adopted",
        "revoke", "readmit", "rotated", "roster", "refused", "displaced", "proposed", "proposals", "claims", "mended",
        "backup", "restore", "epoch", "refiled", "clock_adopted", "clock_repair_left", "clock_repaired",
        "export", "accounts_read", "devices_read", "codes_read", "figures_read", "audit_read", "waiting_read",
        "person_read", "erased", "partitioned",
    ),
    "blob_way": ("up", "down"),
    "blob_hold": ("unsent", "refused", "asked_for", "missing", "no_room"),
    "stopped_why": ("revoked", "unseen"),
    "audit_detail": ("accepted", "rejected", "lines", "dates", "enrolment", "added", "ended"),
    "stand_in": ("now", "later", "ended"),
    "six_ones": (
        "any",
        "project", "lead_leader", "lead_unit", "service_team", "butler", "project_secretary", "enterprise_contact",
    ),
    "key_place": ("the keyring",),
    "named": ("project", "department", "account", "device"),
    "rejection": ("bad_line", "unclean", "clock_ahead", "not_author", "forbidden", "moved", "too_large", "proposed"),
    "mending": ("bad_line", "unclean", "clock_ahead", "not_author", "forbidden", "moved", "too_large", "proposed"),
    "problem": (
        "missing", "empty", "choice", "no_date", "form", "range", "too_long", "too_many", "nested", "marks", "unclean",
        "type",
    ),
    "today": (
        "decision", "opinion", "overdue", "returned", "due", "turn", "refused", "lost", "approval", "waiting", "stale",
        "silent", "draft",
    ),
    "kind": ("damaged",),
    "waiting_source": ("proposal", "claim"),
    "trouble": ("revoked", "upgrade_required", "declined", "not_enrolled", "clock", "other"),
    "time_unit": ("day", "hour", "minute", "second"),
    "notice": (
        "scope_withdrawn", "clock_healed", "lines_rejected", "lines_quarantined", "line_displaced", "device_joined",
        "twin", "clock_repaired", "token_not_renewed", "person_erased", "drafts_emptied", "provisional_refused",
        "log_restored",
    ),
    "round_step": ("hello", "push", "pull", "verify"),
    "round_outcome": ("done", *UNREACHABLE_CODES, "revoked", "upgrade_required", "declined", "clock"),
    "network_cause": (
        "nothing answers there", "its name is not known on this network", "no way leads there from this network",
        "no connection within the time", "it does not speak TLS as this machine does", "nothing came for too long",
        "less arrives than the slowest accepted line carries", "the connection broke off",
        "its answer cannot be read", "its answer is too long", "another central than the one that was joined",
        "it answered other lines than were sent", "it sent lines that were not asked for", "its pages lead nowhere",
        "its answer has another form", "its answer is not HTTP",
        "it did not accept the card or the lines of this device",
    ),
    "proxy_origin": ("system",),
    "file_cause": FILE_CAUSES,
    "size_unit": ("rows", "columns", "cells", "characters", "tables", "megabytes", "seconds"),
    "round_place": ("d", "t", "b"),
    "ran_by": ("sync", "daemon", "bundle"),
    "procedure_stage": ("land_use", "construction_permission", "construction_works", "completion", "production"),
    "fact": ("issues", "settled", "in_time", "overdue", "returned", "disputed", "silence", "visits",
        "without_files"),
    "duty": ("butler", "department", "owner", "lead_unit", "lead_leader", "principal_leader", "bureau"),
    "scope": ("investment", "judgement"),
    "double": ("phone", "name", "spelling", "reading"),
    "difference": ("came", "went"),
    "import_verdict": ("new", "same", "changes", "ends", "refused"),
    "register": (
        "issues", "visits", "people", "units", "procedures", "policies", "progress", "trainings", "returns",
        "follow-ups", "deliveries", "adoption", "statistics",
    ),
    "import_field": ("name", "category", "owner", "investment_yuan", "stage", "post"),
    "because": ("issue_changed", "settlement_changed", "settlement_unread"),
    "reason": ("edited", "superseded", "late", "restamped", "displaced", "taken_back", "rejected", "erased"),
    "bin": ("deleted", "taken_back", "rejected"),
    "adjustment": ("added", "changed", "removed"),
    "act": (
        "assign", "accept", "dispute", "progress", "wait", "extend", "opinion", "escalate", "pass-on", "resolve",
        "settle", "confirm", "reject", "approve", "return", "reopen", "cancel", "remind", "supervise", "tell",
    ),
    "option": (
        "act", "annexes", "at", "basis", "cause", "chair", "code", "contract", "day", "department", "departments",
        "document", "done", "due", "entered", "evidence", "fact", "fault", "filing", "handler", "hours", "how",
        "issue", "issued", "issuer", "issues", "kind", "level", "licence", "measure", "meeting", "merged_into",
        "month", "name", "note", "number", "organiser", "outcome", "owner", "participants", "period", "person",
        "photo", "physical", "place", "planned", "points", "policy", "project", "promise_due", "publicity", "rank",
        "reason", "recipients", "returned", "satisfaction", "score", "scores", "session", "status", "submitted_on",
        "text", "title", "total", "unit", "unit | person", "until", "who",
    ),
    "clock": ("waiting", "due", "escalation", "progress"),
    "file_sort": ("pictures", "papers", "sound", "films"),
    "weekday": ("1", "2", "3", "4", "5", "6", "7"),
    "scope_name": ("person", "number", "department", "state", "kind"),
    "envelope": ("id", "kind", "project", "stamp", "device", "author", "deleted", "extra"),
    "place": (
        "address_book", "app", "approvals", "attachments", "audit", "bin", "doubles", "hand_over", "holidays",
        "register", "register_line", "confirm", "danger", "notice", "filters", "form", "help", "history",
        "import_table", "issue", "issues", "light_proof", "limits", "line", "lookup", "conflicts", "meeting_mode",
        "meeting_setup", "menu", "minutes", "picker", "project", "projects", "registers", "rejected", "reports",
        "setting", "settings", "setup", "summary", "summary_part", "sync", "today", "welcome", "seat", "waiting",
        "code",
    ),
    "holiday_source": ("known", "entered", "unknown"),
    "order": ("table", "light", "contact", "name", "leader", "butler", "enterprise", "open"),
    "issue_order": (
        "light", "newest", "number", "title", "project", "state", "department", "owner", "due",
    ),
    "theme": ("auto", "dark", "light", "contrast"),
    "start": ("today", "projects", "issues", "registers", "summary", "sync"),
    "credentials": ("auto", "keyring", "file", "systemd"),
    "setting": (
        "central", "language", "credentials", "ca_file", "sync_interval_s", "live", "auto_sync", "bundle_folder",
        "export_folder",
        "forms_folder",
        "metered", "attachment_mb_metered", "attachment_mb_hour", "attachment_mb_day", "attachment_hours",
        "attachment_reserve_mb",
        "attachment_folders", "picture_preview", "theme", "start", "log_level", "settings.toml", "keys.toml",
        "ledger.db", "guanjia.log", "credentials/",
    ),
    "log_level": ("debug", "info", "warning", "error"),
    "origin": ("default", "option"),
    "language": ("zh", "en"),
    "key": (
        "enter", "escape", "space", "tab", "backspace", "delete", "up", "down", "left", "right", "pageup", "pagedown",
        "home", "end", "shift", "full_stop",
    ),
}  # fmt: skip
"""Family → its values. The family is the gettext context, the value the message id."""
