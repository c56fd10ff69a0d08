"""Errors of write commands: unknown or ambiguous names, acts that are not allowed, missing fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from store.exceptions import BadTime, GuanjiaError


class CommandError(GuanjiaError):
    """Base of the errors of write commands: nothing has been written."""

    code = "register"
    data = "Nothing was written."


class NameUnknown(CommandError):
    """Nothing here has this id, number or name."""

    code = "name_unknown"
    what = "Nothing here is called “{text}”."
    remedy = "Look it up with “guanjia find”, or check that it has been synced to this device."


class NameMistyped(NameUnknown):
    """Nothing here has this name, but something has a similar one."""

    remedy = "Did you mean {suggestions}?"


class NameAmbiguous(CommandError):
    """Several lines have this name; ``candidates`` lists them with what tells them apart."""

    code = "name_ambiguous"
    what = "“{text}” may be any of these: {candidates}."
    remedy = "Name it by its number, its whole name or its id."


class NameLikeKnown(CommandError):
    """A name that no line has, and that is like one which a line has; ``candidates`` lists those."""

    code = "name_like_known"
    what = "“{text}” is not known here, but this is: {candidates}."
    remedy = "Write it as it is known; if it is really another one, add --new."


class ProjectLikeKnown(NameLikeKnown):
    """As `NameLikeKnown` for a project that is to be added."""

    what = "“{text}” would be a new project, but this is on the list: {candidates}."
    remedy = "If it is the same one, use that; if it is really another one, add --new."


class ActNotAllowed(CommandError):
    """The life of an issue does not allow this act from the state it is in. ``state`` and ``allowed`` are the
    identifiers of domain.md and contract.md."""

    code = "not_now"
    what = "Issue {number} is {state}: “{verb}” is not possible now."
    value_families: ClassVar[Mapping[str, str]] = {"state": "state", "verb": "act", "allowed": "act"}
    remedy = "What is possible now: {allowed}."


class UnitNotOfIssue(CommandError):
    """A department that neither leads nor co-handles the issue gives no opinion on it, and has no part to dispute."""

    code = "not_of_issue"
    what = "{unit} is not among the departments of issue {number}."
    remedy = "Assign the issue anew with it among the others; then it may speak."


class LeadingDepartmentActs(CommandError):
    """A department that only co-handles the issue gives its opinion or disputes its part; the leading one does the
    rest."""

    code = "not_leading"
    what = "Issue {number} is led by {department}: your department co-handles it, so “{verb}” is not yours to do."
    value_families: ClassVar[Mapping[str, str]] = {"verb": "act"}
    remedy = "Give your department’s opinion, or dispute its part."


class OpinionsOwed(CommandError):
    """Departments that co-handle the issue have not spoken yet: it is settled without them only with a reason, unless
    the district's limit ``opinions_required`` is 0."""

    code = "opinions_owed"
    what = "Issue {number} waits for the opinion of {departments}."
    remedy = "Ask them for it; to settle the issue without, give the reason."


class FilesRequired(CommandError):
    """The district requires files with an act on an issue (register ``file-rule``): it is done without them only with a
    reason."""

    code = "files_required"
    what = "Issue {number}: attached files that “{verb}” needs: {needed}; that came with it: {files}."
    value_families: ClassVar[Mapping[str, str]] = {"verb": "act"}
    remedy = "Do it on its own with the files (F9 in its form, or --file); to do it without, give the reason."


class LeadingDepartmentFixed(CommandError):
    """Until an issue is disputed or escalated its leading department and due date stay; only the others change."""

    code = "department_fixed"
    what = "Issue {number} is with {department}, which has not disputed it: only the other departments can be changed."
    remedy = "To move it, let them dispute it or escalate it; a new due date is an extension."


class MeetingTooLow(CommandError):
    """What was escalated is resolved at a meeting of its level or above."""

    code = "meeting_too_low"
    what = "Issue {number} waits at level {level}; a meeting of level {meeting} cannot resolve it."
    remedy = "Name the meeting of its level that decided it, or record that meeting first."


class StandInForOneself(CommandError):
    """Nobody stands in for themselves."""

    code = "stand_in_for_oneself"
    what = "{name} cannot stand in for {name}."
    remedy = "Name two persons: for whom, and who acts."


class NoStandIn(CommandError):
    """The officer of this device neither stands in for the person nor is of the bureau."""

    code = "no_stand_in"
    what = "You do not stand in for {name} today."
    remedy = "Let {name} name you with “guanjia stand-in add”, or enter it in your own name."


class StandInOver(CommandError):
    """The last day of a stand-in is past, or before its first."""

    code = "stand_in_over"
    what = "The stand-in would be over already: its last day would be {day}."
    remedy = "Name a day that is still to come, and not before the first one."


class StandInUnknown(CommandError):
    """Nobody of this name stands in for anybody, nor has a stand-in."""

    code = "stand_in_unknown"
    what = "No stand-in of “{text}” is in force or to come."
    remedy = "“guanjia stand-in list” shows them all."


class NothingToHandOver(CommandError):
    """The person is not the butler of any project, or not of one that was named."""

    code = "nothing_to_hand_over"
    what = "{name} is not the butler of what was to be handed over."
    remedy = "“guanjia project list” shows who serves which project."


class ProjectHandedOverTwice(CommandError):
    """A hand-over to several that gives one project to two of them, or the rest to two."""

    code = "handed_over_twice"
    what = "Of {name}’s projects one was to go to two persons."
    remedy = "Name each project once; only one person takes what is not named."


class HandOverToOneself(CommandError):
    """Giver and taker are one person."""

    code = "hand_over_to_oneself"
    what = "{name} cannot hand over to {name}."
    remedy = "Name two persons: who hands over, and to whom."


class SelfApproval(CommandError):
    """Nobody approves what they recorded or settled themselves, nor whom they stand in for, nor somebody in their place
    (domain.md, Life of an issue; R48)."""

    code = "own_approval"
    what = "You, or somebody for whom you act, recorded or settled issue {number}, so you cannot approve it."
    remedy = "Ask a colleague of the bureau to approve it."


class ExtensionTooLate(CommandError):
    """An extension is asked for before the limit (domain.md, issue)."""

    code = "extension_too_late"
    what = "The time for settling issue {number} was over on {limit}: an extension is asked for before that."
    remedy = "Say by “progress” what keeps it, or escalate it; who may extend it can still do so."


class ExtensionNotLater(CommandError):
    """An extension moves the due date back or leaves it where it is."""

    code = "extension_not_later"
    what = "Issue {number} is due on {due} already: an extension is to a later day."
    remedy = "Name a later day."


class ExtensionNotAsked(CommandError):
    """There is no open request for an extension to refuse."""

    code = "extension_not_asked"
    what = "No extension of issue {number} is asked for, or it was answered already."
    remedy = "“guanjia issue show” lists what was asked and answered."


class ExtensionNotYours(CommandError):
    """The district's time rule leaves the extension to another role. The central would refuse it."""

    code = "extension_not_yours"
    what = "The due date of issue {number} is extended by this role alone: {role}."
    value_families: ClassVar[Mapping[str, str]] = {"role": "role"}
    remedy = "Ask for the extension by “ask-extension”, before the limit."


class OwnExtension(CommandError):
    """Nobody answers a request of their own."""

    code = "own_extension"
    what = "You, or somebody for whom you act, asked for the extension of issue {number}, so you cannot answer it."
    remedy = "It is answered by a colleague who may."


class StartNotCalled(CommandError):
    """A rule for another act than settling runs from what calls for that act, and from nothing else."""

    code = "start_not_called"
    what = "The time for this act runs from what calls for it: {act}."
    value_families: ClassVar[Mapping[str, str]] = {"act": "time_rule.act"}
    remedy = "Choose “called” as the start; only settling also runs from the recording or the assignment."


class LimitTimesDisordered(CommandError):
    """The hours of offices would not be in order."""

    code = "limit_times"
    what = "With “{name}” at {value} the hours of offices would not be in order. Nothing was changed."
    remedy = "Set the other times first; “guanjia limit list” shows them."


class StaleApproval(CommandError):
    """The version to be approved is no longer current: an approval names the version that was read (R48)."""

    code = "read_changed"
    what = "Issue {number} or its settlement was changed after you read it."
    data = "Nothing was approved."
    remedy = "Read it as it is now, then approve or return it."


class FieldMissing(CommandError):
    """The act needs something that was not given; ``fields`` are the names of the missing options."""

    code = "field_missing"
    what = "“{verb}” needs {fields}."
    value_families: ClassVar[Mapping[str, str]] = {"verb": "act", "fields": "option"}
    remedy = "Give what is missing and try again."


class EntryFieldMissing(FieldMissing):
    """A line that is entered lacks something."""

    what = "This needs {fields}."


class EmptyVisit(CommandError):
    """A visit of which nothing is said."""

    code = "visit_empty"
    what = "This visit says nothing: no text, no place, no participants, no issue."
    remedy = "Write what was seen and said (--text)."


class RemarkAmongNames(CommandError):
    """A list of names that are lines of their own ends with a remark that names nobody."""

    code = "remark_among_names"
    what = "“{text}” names nobody."
    remedy = "Name everybody, or leave it out here and write it into the text."


class LimitUnknown(CommandError):
    """The district has no limit of this name."""

    code = "limit_unknown"
    what = "There is no limit “{name}”."
    remedy = "“guanjia limit list” names them all."


class SwitchUnknown(CommandError):
    """A limit that is yes or no was given another value."""

    code = "switch_unknown"
    what = "“{value}” is no value for the limit “{name}”: it is yes or no. Nothing was changed."
    remedy = "Say yes or no (or 1 or 0)."


class LineExists(CommandError):
    """The register already has a line with this key (month, code, unit)."""

    code = "written_already"
    what = "This is in the register already."
    remedy = "Change that one: e in the register on the screen, or “edit” with the ID that “list” shows."


class PhraseUnknown(CommandError):
    """No phrase of this person or of the district is meant, or several are."""

    code = "phrase_unknown"
    what = "{count} phrases begin with “{text}”, or have this ID."
    data = "Nothing was changed."
    remedy = "Name one by all of its text, or by the ID that “guanjia phrase list” shows."


class ViewUnknown(CommandError):
    """No saved view of this person is meant, or several are."""

    code = "view_unknown"
    what = "{count} views are called “{name}”."
    data = "Nothing was changed."
    remedy = "“guanjia view list” shows yours; where several lists have one of that name, add --list."


class SelfMerge(CommandError):
    """An issue cannot be merged into itself."""

    code = "merged_into_itself"
    what = "Issue {number} cannot be merged into itself."
    remedy = "Name the issue that goes on."


class AlreadyAssigned(CommandError):
    """Department, owner and due date of an assigned issue change only by acts, so that the earlier ones stay on
    record."""

    code = "assigned_already"
    what = "Issue {number} is {state}: its {fields} cannot be edited any more."
    value_families: ClassVar[Mapping[str, str]] = {"state": "state", "fields": "option"}
    remedy = (
        "While it is under way, an extension gives a new date, and a dispute with a new assignment another department "
        "or owner."
    )


class DueInPast(BadTime):
    """A due date, or the end of a wait, that is over when it is set."""

    code = "due_in_past"
    what = "“{text}” is {day}, which is over already."
    remedy = "Check the day. If it is meant, confirm it with --yes."


class SelfMergeOfRecord(CommandError):
    """A person or unit cannot be merged into itself, or be another than itself."""

    code = "one_record"
    what = "Both names mean the same record: {name}."
    remedy = "Name two records, each by its id; “guanjia person list” shows the ids."


class DifferentKinds(CommandError):
    """A person and a unit are never one."""

    code = "different_kinds"
    what = "One of these is a person and the other a unit: they cannot be one."
    remedy = "Name two people, or two units."


class NotMerged(CommandError):
    """No record of this id or name was merged into another, or several were."""

    code = "not_merged"
    what = "No single merged record goes by “{text}”."
    remedy = "“show” lists what was merged into a person or unit, with the ids."


class RecordLikeKnown(NameLikeKnown):
    """A record that a form would add is like one that is here."""

    what = "“{text}” is like this, which is known here: {candidates}."
    remedy = "Correct that one instead; if it is really another one, save once more."


class PhoneDiffers(NameLikeKnown):
    """A known name was typed with a phone that nobody of this name has."""

    what = "“{text}”: this name is known with another phone: {candidates}."
    remedy = (
        "If the phone has changed, correct it in one place with “guanjia person edit {name} --phone {phone}”, and "
        "leave it out here; if it is somebody else of the same name, add --new."
    )


class PersonErased(CommandError):
    """What was held on a person is erased, and stays so."""

    code = "person_erased"
    what = "This person has been erased: there is nothing left to change."
    remedy = "If the person is needed again, enter them anew with “guanjia person add”."


class FileErased(CommandError):
    """An attached file is erased, and stays so."""

    code = "file_erased"
    what = "This file has been erased: there is nothing left of it."
    remedy = "The central takes this very file in no more; what takes its place is attached with “guanjia attach”."


class ErasureNamesPerson(CommandError):
    """The reason or the legal basis of an erasure names the person."""

    code = "erasure_names_person"
    what = "The reason or the legal basis has the person’s name or phone in it, and both are kept."
    remedy = "Say it without them."


class ErasureUnconfirmed(CommandError):
    """An erasure was not confirmed."""

    code = "erasure_unconfirmed"
    what = "What is held on “{name}” would be erased on every device and at the central; it cannot be undone."
    data = "Nothing was erased."
    remedy = "Confirm it with --yes."


class PersonNotSent(CommandError):
    """An invitation for somebody who was added on this device and is not known at the central yet."""

    code = "person_not_sent"
    what = "“{name}” was added on this device and is not at the central yet, which would take them for somebody new."
    data = "No code was made."
    remedy = "Run “guanjia sync”, then invite again. Another person of that name: --new."


class NotAttachable(CommandError):
    """A line of a kind that has no files: a person, a phone, a limit."""

    code = "not_attachable"
    value_families: ClassVar[Mapping[str, str]] = {"kind": "kind"}
    what = "No file can be attached to this: {kind}."
    remedy = "Attach it to the visit, the issue, the step or the project that it is about."


class AttachmentUnreadable(CommandError):
    """A file that was to be attached cannot be read."""

    code = "attachment_unreadable"
    value_families: ClassVar[Mapping[str, str]] = {"detail": "file_cause"}
    what = "The file {path} cannot be read: {detail}."
    remedy = "Look whether it is there and is a file; a phone may have to be unlocked first."


class AttachmentTooLarge(CommandError):
    """A file that is longer than a central takes in."""

    code = "attachment_too_large"
    what = "The file {path} has {megabytes} MB; at most {most} MB can be attached."
    remedy = "Cut the film, or save the paper smaller, and attach that."


class FileTypeNotTaken(CommandError):
    """A file of a sort that the district does not take."""

    code = "file_type_not_taken"
    value_families: ClassVar[Mapping[str, str]] = {"sort": "file_sort"}
    what = "The file {path} is not attached: the district takes no files of this sort ({sort})."
    data = "The record itself is kept. What counts is what is in the file, not its name."
    remedy = "Ask the bureau: “guanjia limit list” shows what is taken."


class NoRoomForFile(CommandError):
    """The disk would have less room left than is kept free."""

    code = "no_room_for_file"
    what = "The file {path} is not attached: it has {megabytes} MB, and {reserve} MB of the disk are kept free."
    data = "The record itself is kept; only the file is missing."
    remedy = (
        "Make room on the disk, or let originals go that the central has (“guanjia attachment let-go”), and attach it."
    )


class FileNotKept(CommandError):
    """A file that was to be attached could not be written beside the ledger."""

    code = "file_not_kept"
    value_families: ClassVar[Mapping[str, str]] = {"detail": "file_cause"}
    what = "The file {path} is not attached: it cannot be kept on this device ({detail})."
    data = "The record itself is kept; only the file is missing."
    remedy = "Make room or look at the disk, and attach it again with “guanjia attach”."


class AttachmentUnknown(CommandError):
    """No attachment has this id or name, or several have it."""

    code = "attachment_unknown"
    what = "No attached file here, or more than one, is called “{text}”."
    remedy = "Name it by the end of its id, as “guanjia attachment list” shows it."
