"""Every screen by name, and those among them that one switches between by a digit.

Screens are imported when they are first shown: the first paint pays for the first screen only.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, runtime_checkable

from textual.screen import Screen

SCREENS = {
    "today": "tui.screens.today:TodayScreen",
    "conflicts": "tui.screens.conflicts:ConflictsScreen",
    "bin": "tui.screens.bin:BinScreen",
    "rejected": "tui.screens.rejected:RejectedScreen",
    "projects": "tui.screens.projects:ProjectsScreen",
    "issues": "tui.screens.issues:IssuesScreen",
    "issue_filters": "tui.screens.filters:IssueFilterPanel",
    "summary": "tui.screens.summary:SummaryScreen",
    "summary_part": "tui.screens.summary:SummaryPartScreen",
    "sync": "tui.screens.sync:SyncScreen",
    "project": "tui.screens.project:ProjectScreen",
    "issue": "tui.screens.issue:IssueScreen",
    "light_proof": "tui.screens.light_proof:LightProofScreen",
    "lookup": "tui.screens.lookup:LookupScreen",
    "visit": "tui.screens.visit:VisitScreen",
    "line": "tui.screens.visit:LineScreen",
    "approvals": "tui.screens.approvals:ApprovalsScreen",
    "meeting_mode": "tui.screens.meeting_mode:MeetingScreen",
    "meeting_setup": "tui.screens.meeting_setup:MeetingSetup",
    "minutes": "tui.screens.minute:MinuteScreen",
    "acts": "tui.screens.acts:ActsMenu",
    "act_form": "tui.screens.act_form:ActForm",
    "history": "tui.screens.history:HistoryScreen",
    "visit_form": "tui.screens.visit_form:VisitForm",
    "issue_form": "tui.screens.issue_form:IssueForm",
    "project_form": "tui.screens.project_form:ProjectForm",
    "registers": "tui.screens.registers:RegistersScreen",
    "register": "tui.screens.register:RegisterScreen",
    "register_line": "tui.screens.register_line:RegisterLineScreen",
    "register_form": "tui.screens.register_form:RegisterForm",
    "limits": "tui.screens.limits:LimitsScreen",
    "reports": "tui.screens.reports:ReportsScreen",
    "report_form": "tui.screens.reports:ReportForm",
    "holidays": "tui.screens.holidays:HolidaysScreen",
    "holiday_form": "tui.screens.holidays:HolidayForm",
    "limit_form": "tui.screens.limits:LimitForm",
    "attachments": "tui.screens.attachments:AttachmentsPanel",
    "picker": "tui.screens.picker:FilePicker",
    "phrase_menu": "tui.screens.phrase_menu:PhraseMenu",
    "sort_menu": "tui.screens.sort_menu:SortMenu",
    "view_menu": "tui.screens.view_menu:ViewMenu",
    "list_menu": "tui.screens.list_menu:ListMenu",
    "copy_menu": "tui.screens.copy_menu:CopyMenu",
    "jump": "tui.screens.jump:JumpPanel",
    "help": "tui.screens.help:HelpScreen",
    "palette": "tui.screens.palette:CommandPalette",
    "welcome": "tui.screens.welcome:WelcomeScreen",
    "settings": "tui.screens.settings:SettingsScreen",
    "setting": "tui.screens.settings:SettingPanel",
    "keys": "tui.screens.keys:KeysScreen",
    "join_form": "tui.screens.setup:JoinForm",
    "export_bundle_form": "tui.screens.bundles:ExportBundleForm",
    "import_bundle_form": "tui.screens.bundles:ImportBundleForm",
    "meet_menu": "tui.screens.meet:MeetMenu",
    "host_panel": "tui.screens.meet:HostPanel",
    "guest_form": "tui.screens.meet:GuestForm",
    "meet_by_stick_form": "tui.screens.meet:MeetByStickForm",
    "standalone_form": "tui.screens.setup:StandaloneForm",
    "demo_form": "tui.screens.setup:DemoForm",
    "seat": "tui.screens.seat:SeatScreen",
    "waiting": "tui.screens.waiting:WaitingScreen",
    "audit": "tui.screens.audit:AuditScreen",
    "code_panel": "tui.screens.invite:CodePanel",
    "invite_form": "tui.screens.invite:InviteForm",
    "address_book": "tui.screens.address_book:AddressBookScreen",
    "contact_form": "tui.screens.contact_form:ContactForm",
    "hand_over": "tui.screens.hand_over:HandOverScreen",
    "hand_over_form": "tui.screens.hand_over:HandOverForm",
    "erasure_form": "tui.screens.erasure_form:ErasureForm",
    "file_erasure_form": "tui.screens.file_erasure_form:FileErasureForm",
    "stand_in_form": "tui.screens.stand_in_form:StandInForm",
    "doubles": "tui.screens.doubles:DoublesScreen",
    "import_table": "tui.screens.import_table:ImportScreen",
    "lock": "tui.screens.lock:LockScreen",
    "pin_form": "tui.screens.lock:PinForm",
}
"""Screen → ``module:class``."""
MODE_SCREENS = ("today", "projects", "issues", "registers", "summary", "sync")
"""The screens that one switches between; each keeps what was opened on top of it."""


@runtime_checkable
class ScreenWithSetup(Protocol):
    """A screen that asks for its subject once it is shown."""

    async def ask_for_setup(self) -> None:
        """Ask; returns when the question is on the screen, so that keys typed ahead reach it."""
        ...


@runtime_checkable
class DraftScreen(Protocol):
    """A screen that keeps a draft of what is typed in it."""

    @property
    def has_unsaved_draft(self) -> bool:
        """Whether it holds text that could not be saved."""
        ...

    def keep_draft(self) -> None:
        """Save the draft, in a thread."""
        ...

    async def wait_for_draft_save(self) -> None:
        """Wait until the draft is saved or has failed."""
        ...


def make_screen(name: str, *arguments: object) -> Screen[object]:
    """A new screen of that name."""
    module, _colon, attribute = SCREENS[name].partition(":")
    screen: Screen[object] = getattr(import_module(module), attribute)(*arguments)
    return screen
