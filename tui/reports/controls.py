"""The sheet of controls that an assessor of level-2 protection asks for (等保 2.0, GB/T 22239-2019, chapter 7.1).

`CONTROLS` is the one table of them: what the program does, the tests that prove it, what of the central's present state
shows it (`sync.central.admin.control_facts`), and what only the office can do. ``sync/README.md`` has the same table in
English, which ``python -m tui.reports.controls`` writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from store.values.text_files import replace_between
from tui.i18n.translate import N_, _, set_language, value_label
from tui.reports.frame import Frame
from tui.reports.report import PAGE_FOOTER, Report, ReportColumn, ReportTable, RowValues

DATABASE_FACTS = ("database_guarded", "file_mode")
"""Facts that only one of the two databases has: roles in PostgreSQL, a file in SQLite."""
README = Path(__file__).parents[2] / "sync/README.md"
BEGIN, END = "<!-- controls: made by python -m tui.reports.controls -->", "<!-- end of controls -->"


class Control(NamedTuple):
    """One technical control: its ``clause`` of the standard, its name, what the program does, the ``tests`` that prove
    it, the ``facts`` of a central that show it, and what is left to the office. Texts are translated when shown."""

    clause: str
    name: str
    measure: str
    tests: tuple[str, ...]
    facts: tuple[str, ...]
    office: str


CONTROLS = (
    Control(
        "7.1.2.2", N_("Protection of transmission"),
        N_(
            "TLS only, beyond this machine; certificates are checked, and the central proves with its own key who it "
            "is before a device sends its token. Each round compares checksums of both sides."
        ),
        (
            "test_plain_http_is_for_this_machine_only",
            "test_an_impostor_is_told_no_token_and_no_line",
            "test_certificates_are_checked_and_a_private_authority_can_be_named",
        ),
        ("address", "certificate_ends", "certificate_names"),
        N_("A network of its own for the central, or rules between networks."),
    ),
    Control(
        "7.1.3.2", N_("Access control at the boundary"),
        N_(
            "One port. A request without a valid token is refused before its body is read; bodies, times and "
            "connections are bounded."
        ),
        (
            "test_a_request_without_a_token_is_refused_before_its_body_is_read",
            "test_bombs_and_long_bodies_are_refused",
        ),
        ("wrong_tokens",),
        N_("A firewall that opens this port only, to the offices' networks only."),
    ),
    Control(
        "7.1.4.1", N_("Identification and authentication"),
        N_(
            "Each person has an account, each device a token of its own, which is replaced as it ages and ends when it "
            "is not used. One-time codes let a device in. Wrong codes and tokens are limited. On the laptop a PIN, "
            "which locks the screens after idle minutes."
        ),
        (
            "test_unknown_tokens_are_refused",
            "test_a_token_lives_from_round_to_round_and_the_bureau_lets_in_again",
            "test_guessing_at_one_address_shuts_out_no_other",
            "test_commands_ask_for_the_pin_and_what_runs_by_itself_goes_on",
        ),
        ("max_devices", "rotation_days", "token_days", "stop_days", "code_minutes", "wrong_codes"),
        N_("Accounts of the operating system, with passwords; set the PIN on each laptop."),
    ),
    Control(
        "7.1.4.2", N_("Access control"),
        N_(
            "Seven roles, judged by the central for each call and each line; nobody gives themselves one. Whoever "
            "leaves loses the lines with the role. Folder and files are private to one account of the system."
        ),
        (
            "test_every_call_is_refused_to_every_other_role_whatever_it_names",
            "test_no_byte_of_what_is_hidden_leaves_by_any_call",
            "test_nobody_gives_themselves_a_role",
            "test_all_that_a_central_writes_is_private",
        ),
        (
            "accounts", "roles", "accounts_without_role", "devices", "devices_unseen", "devices_stopped",
            "folder_private", "file_mode",
        ),
        N_("Look through accounts and devices regularly; withdraw what is not needed."),
    ),
    Control(
        "7.1.4.3", N_("Security audit"),
        N_(
            "Who did what, when, from which device, also the operator and each export. Events are chained by "
            "checksums: what was changed or removed is found. Nothing of it is deleted."
        ),
        (
            "test_everything_is_in_the_audit",
            "test_a_check_tells_where_the_audit_was_changed",
            "test_the_audit_of_half_a_year_ago_is_there",
        ),
        ("audit_since", "audit_entries", "audit_holds", "clock_believed", "json_log"),
        N_("Keep logs of the operating system and the network for six months or more."),
    ),
    Control(
        "7.1.4.4", N_("Prevention of intrusion"),
        N_(
            "No page, script or command comes from outside; what arrives is checked by type, length and content. Every "
            "package is pinned with its checksum, and asked about in the advisory database."
        ),
        (
            "test_every_package_is_pinned_with_the_checksums_of_its_wheels",
            "test_an_advisory_for_a_package_that_we_pin_fails_the_audit",
        ),
        (),
        N_("Install updates of the operating system and of this program; close what is not used."),
    ),
    Control(
        "7.1.4.5", N_("Prevention of malicious code"),
        N_(
            "Attached files are judged by their content, never run, and not opened but by the person who asks for one. "
            "Bombs are refused before they are decoded."
        ),
        ("test_the_content_decides", "test_a_bomb_is_not_decoded"),
        (),
        N_("Protection against malicious code on each machine, kept up to date."),
    ),
    Control(
        "7.1.4.6", N_("Trusted verification"),
        N_(
            "The installer compares each file with its checksum before it installs. What the central took in is in a "
            "signed log, whose head the devices remember: a rewritten past is noticed."
        ),
        (
            "test_a_folder_that_is_not_what_was_built_is_refused",
            "test_the_serving_role_serves_and_cannot_rewrite_the_past",
        ),
        ("log_entries", "log_holds", "database", "database_guarded"),
        N_("Trusted boot of the machines, where they have it."),
    ),
    Control(
        "7.1.4.7", N_("Integrity of data"),
        N_(
            "Each line has a checksum; central and devices compare after each round. A damaged line is set apart and "
            "sent again by a device."
        ),
        ("test_any_flipped_bit_is_noticed", "test_a_damaged_row_is_found_by_reading_and_mended_by_sending"),
        ("complete", "lines", "damaged"),
        N_("Run “guanjia central check” regularly and keep what it prints."),
    ),
    Control(
        "7.1.4.8", N_("Backup and recovery of data"),
        N_(
            "A backup while it serves, read back before it counts. After a restore the devices send again what was "
            "newer, and the central says what is still missing."
        ),
        ("test_a_backup_is_of_one_moment_while_the_central_serves", "test_a_missing_and_an_old_backup_are_told"),
        ("backup_at", "backup_lines", "backup_overdue", "restored_at"),
        N_("Backups at another place; a recovery drill each year, noted."),
    ),
    Control(
        "7.1.4.9", N_("Protection of residual information"),
        N_(
            "A laptop's ledger, its attachments and its temporary files are encrypted. What is erased or withdrawn "
            "leaves no byte in files, on devices and at the central."
        ),
        (
            "test_device_state_is_encrypted_and_private",
            "test_an_erased_file_leaves_no_byte_anywhere",
            "test_erased_everywhere_at_the_next_round",
        ),
        ("erased",),
        N_("The central's disk and its backups are plain text: encrypt the disk, and destroy disks that leave."),
    ),
    Control(
        "7.1.4.10", N_("Protection of personal information"),
        N_(
            "Only names, posts and work phones; phones reach only the roles that need them. What is held on a person "
            "can be exported and erased. Exports are in the audit."
        ),
        (
            "test_phones_reach_who_needs_them",
            "test_what_is_held_is_exported_and_then_erased",
            "test_nothing_tells_of_an_erased_person",
        ),
        ("exports", "erased"),
        N_("Tell people what is kept on them and why; name who is responsible."),
    ),
    Control(
        "7.1.5.1", N_("System administration"),
        N_(
            "Administration is by commands on the central's machine or by the bureau's accounts; each is in the audit "
            "with who did it, and holds from the next request on."
        ),
        ("test_what_is_done_to_roles_says_who_did_it", "test_revoking_works_from_the_next_request"),
        ("roles",),
        N_("Name the administrators; an account of the system for each, none shared."),
    ),
    Control(
        "7.1.5.2", N_("Audit administration"),
        N_(
            "The auditor's role reads everything and the audit and writes nothing; the audit can be filtered, and "
            "leaves whole as a file."
        ),
        ("test_the_audit_is_read_by_page_and_filter", "test_the_audit_goes_to_a_file_whole"),
        ("auditors", "audit_holds"),
        N_("Somebody who is no administrator has the auditor's role and reads the audit regularly."),
    ),
)  # fmt: skip


def controls_report(facts: Mapping[str, object]) -> Report:
    """The sheet for a central with these ``facts``. Of a fact that is None the sheet says that there is none, or that
    it does not apply."""
    columns = (
        ReportColumn("clause", _("Clause"), width=9),
        ReportColumn("control", _("Control"), width=14),
        ReportColumn("measure", _("What the program does"), width=36),
        ReportColumn("state", _("Present state of this central"), width=32),
        ReportColumn("tests", _("Proved by the tests"), width=34),
        ReportColumn("office", _("Left to the office"), width=24),
    )
    note = _("As read on {time}. What is not in it is for the office to show.").format(time=_shown(facts["read_at"]))
    title = _("Technical controls, level-2 protection (GB/T 22239-2019): {district}").format(
        district=facts["district_name"]
    )
    table = ReportTable(_("Technical controls"), columns, list(_rows(facts)), note)
    day = str(facts["read_at"])[:10]
    return Report("controls", title, (table,), len(CONTROLS), _(PAGE_FOOTER), frame=Frame(day=day))


def _rows(facts: Mapping[str, object]) -> Iterator[RowValues]:
    for control in CONTROLS:
        state = [f"{value_label('central_fact', name)}: {_fact(name, facts[name])}" for name in control.facts]
        yield (
            control.clause, _(control.name), _(control.measure),
            "\n".join(state) or _("Nothing of it is in the central."), "\n".join(control.tests), _(control.office),
        )  # fmt: skip


def _fact(name: str, value: object) -> str:
    if value is None:
        return _("does not apply to this database") if name in DATABASE_FACTS else _("none")
    return _shown(value)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        return _(", ").join(f"{value_label('role', role)} {count}" for role, count in value.items()) or _("none")
    text = str(value)
    return text[:16].replace("T", " ") if text[10:11] == "T" else text


def controls_markdown() -> str:
    """The table of `CONTROLS` without a central's facts."""
    rows = [
        "| " + " | ".join((
            control.clause, _(control.name), _(control.measure), " ".join(f"`{test}`" for test in control.tests),
            _(control.office),
        )) + " |"
        for control in CONTROLS
    ]  # fmt: skip
    heading = " | ".join((_("Clause"), _("Control"), _("What the program does"), _("Proved by the tests"),
                          _("Left to the office")))  # fmt: skip
    return "\n".join([f"| {heading} |", "|---|---|---|---|---|", *rows])


def write_readme() -> None:
    """Put the table into the README, in English, which is the README's language."""
    set_language("en")
    replace_between(README, BEGIN, END, controls_markdown())


if __name__ == "__main__":
    write_readme()
