"""Errors between a device and its central. Same fields as the store's errors: what, data, remedy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from store.exceptions import GuanjiaError

_EVIDENCE = ("detail", "proxy", "origin", "until", "since", "now", "names", "issuer", "size")


class SyncError(GuanjiaError):
    """Base of sync's own errors."""

    code = "sync"

    @property
    def evidence(self) -> str:
        """What the error knows of its cause, for the history of rounds: its values but for those that a round adds."""
        known = (str(self.values.get(name) or "") for name in _EVIDENCE)
        return " · ".join(value for value in known if value)


class CentralUnreachable(SyncError):
    """The central did not answer, or something else answered in its place. ``detail`` is one of the family
    ``network_cause``, or text for whoever looks after the network. Every code of this tree is in
    `store.exceptions.UNREACHABLE_CODES`."""

    code = "unreachable"
    what = "The central {central} cannot be reached: {detail}."
    value_families: ClassVar[Mapping[str, str]] = {"detail": "network_cause"}
    smaller_pages: ClassVar[Literal["never", "later", "at_once"]] = "never"
    """Whether smaller pages may pass, in the next round or at once."""

    @property
    def arrived(self) -> float:
        """Which part of the answer had arrived, from 0 to 1, as far as is known."""
        share = self.values.get("arrived", 0.0)
        return share if isinstance(share, float) else 0.0

    data = "Nothing is lost: {pending} unsent lines wait on this device."
    remedy = "Go on working; the next round sends them."


class CallFailure(CentralUnreachable):
    """A call outside the rounds found no central. Says of ``cause`` what happened, under its code, and what that means
    for the call: no next round repeats it."""

    def __init__(self, cause: CentralUnreachable | None = None, **values: object) -> None:
        if cause is not None:
            waits = cause.remedy.startswith("Go on working")
            said = {"code": cause.code, "what": cause.what, "value_families": cause.value_families}
            self.__dict__.update(said if waits else {**said, "remedy": cause.remedy})
        super().__init__(**(cause.values if cause is not None else values))


class NotJoined(CallFailure):
    """No central could be asked to join it."""

    data = "Nothing was changed: this home has joined no central by this, and the code can still be used."
    remedy = "See to the connection and the address, then run “guanjia join” again."


class SeatCallFailed(CallFailure):
    """A call of the bureau's seat was not answered: nobody knows then whether the central has carried it out."""

    data = "Nothing on this device was changed. If the answer alone was lost, the central has done what was asked."
    remedy = "When the central answers again, see in the list whether it is done; then try again."


class SlowConnection(CentralUnreachable):
    """Nothing came for too long, or less than the slowest line carries. Smaller pages may arrive."""

    code = "too_slow"
    smaller_pages = "later"
    what = "The line to {central} is too slow now: {detail}."
    remedy = "Go on working; the next round asks for less at a time and keeps all that arrives."


class ConnectionCut(CentralUnreachable):
    """The connection ended before the whole answer had come. Smaller pages may arrive."""

    code = "cut_off"
    smaller_pages = "at_once"
    what = "The connection to {central} broke off before the whole answer had come."
    remedy = "Go on working; the next round goes on from what has arrived."


class BadProxy(CentralUnreachable):
    """A proxy of the environment that cannot be used: not an address, or SOCKS. ``origin`` names the variable."""

    code = "bad_proxy"
    what = "{origin} names the proxy “{proxy}”, which guanjia cannot use: it takes http:// and https:// proxies."
    value_families: ClassVar[Mapping[str, str]] = {"origin": "proxy_origin"}
    remedy = "Change or unset {origin}, or add the central to NO_PROXY, then try again."


class ProxyUnreachable(CentralUnreachable):
    """The proxy does not answer; whether the central would is not known."""

    code = "proxy_unreachable"
    what = "The proxy {proxy}, named by {origin}, cannot be reached: {detail}. The central {central} was not asked."
    value_families: ClassVar[Mapping[str, str]] = {"detail": "network_cause", "origin": "proxy_origin"}
    remedy = "Start the proxy, or unset {origin} or add the central to NO_PROXY, then try again."


class ProxyRefused(CentralUnreachable):
    """The proxy answers, but opens no tunnel to the central. ``detail`` is its answer."""

    code = "proxy_refused"
    what = "The proxy {proxy}, named by {origin}, opens no connection to {central}: {detail}."
    value_families: ClassVar[Mapping[str, str]] = {"origin": "proxy_origin"}
    remedy = "Ask whoever looks after the proxy to let {central} through, or add the central to NO_PROXY."


class NotTheCentral(CentralUnreachable):
    """An answer came, but not from the central that was joined: another program or another central."""

    code = "not_the_central"
    what = "What answered at {central} is not a guanjia central: {detail}."
    remedy = "Check the address with “guanjia settings”; if it is right, tell the bureau what answered."


class AnotherCentral(NotTheCentral):
    """A central answers, but not the one that was joined: it cannot sign with that one's key."""

    code = "another_central"
    what = "What answers at {central} is not the central that this home has joined: it cannot prove that it is."
    data = "Nothing was sent, neither records nor this device's key; {pending} unsent lines wait on this device."
    remedy = (
        "Check the address with “guanjia settings”. If the bureau has set up a new central, ask it for a code and join."
    )


class CaptivePortal(NotTheCentral):
    """The login page of a network answers in the central's place."""

    code = "captive_portal"
    what = "A login page of this network answers in place of {central}: {detail}."
    remedy = "Log in to this network (a browser shows how); if a browser shows none, check the address of the central."


class GatewayFailure(NotTheCentral):
    """A gateway before the central answers that it cannot reach it; ``retry_after`` in seconds where it says so."""

    code = "gateway"
    what = "The gateway before {central} answers, but the central behind it does not: {detail}."
    remedy = "Go on working; if it lasts, tell the bureau: the central may be down."


class RequestTooLarge(NotTheCentral):
    """The central, or a gateway before it, takes no request of ``size`` bytes. Smaller ones may pass."""

    code = "request_too_large"
    smaller_pages = "at_once"
    what = "The way to {central} takes no request of {size} bytes: {detail}."
    remedy = "Smaller requests were tried. Tell the bureau: the limit of the gateway before the central is too low."


class FirewallRefusal(NotTheCentral):
    """A web firewall refused the request (403 without a code of ours). A smaller or uncompressed one may pass."""

    code = "firewall"
    smaller_pages = "at_once"
    what = "A web firewall before {central} refuses what this device sends: {detail}."
    remedy = "Smaller and uncompressed requests were tried. Tell the bureau: the firewall must let guanjia through."


class TokenRemoved(NotTheCentral):
    """The central got a request of this device without its token: something on the way takes it away."""

    code = "token_removed"
    what = "On the way to {central} something takes this device’s key out of its requests: {detail}."
    remedy = "Tell the bureau: the gateway before the central must pass on the header “Authorization”."


class UntrustedCertificate(NotTheCentral):
    """The certificate was signed by nobody that this machine trusts. The base of all that is wrong with one."""

    code = "certificate_untrusted"
    what = "An unknown authority ({issuer}) certified {central} as {names}, {since} to {until}; here it is {now}."
    data = "Nothing was sent and nothing is lost: {pending} unsent lines wait on this device."
    remedy = "Join by the whole address, fingerprint and all, or name its authority's certificate: setting ca_file."


class CertificateExpired(UntrustedCertificate):
    """The certificate's time is over, or this machine's clock is ahead."""

    code = "certificate_expired"
    what = "The certificate of {central} expired on {until}; this machine's clock says {now}."
    remedy = "If the clock is right, tell the bureau: the central needs a new certificate. If not, set the clock."


class CertificateNotYetValid(UntrustedCertificate):
    """The certificate's time has not begun: this machine's clock is behind, or the certificate is wrong."""

    code = "certificate_not_yet_valid"
    what = "The certificate of {central} is valid only from {since}; this machine's clock says {now}."
    remedy = "Is this machine's clock right? Set it if not; if it is, tell the bureau."


class CertificateWrongName(UntrustedCertificate):
    """The certificate is for other names than the address."""

    code = "certificate_wrong_name"
    what = "The certificate of {central} is not for {host}, but for: {names}."
    remedy = "Use the address that the certificate names, or ask the bureau for a certificate with {host} in it."


class TooManyRequests(CentralUnreachable):
    """The central asked to wait; ``retry_after`` is in seconds."""

    code = "too_many"
    what = "The central asks to wait {retry_after} seconds."
    remedy = "Wait, then try again; a running daemon does so by itself."


class CentralBusy(TooManyRequests):
    """The central answers that its database is busy or away."""

    code = "central_busy"
    what = "The central is busy or its database is away; it asks to wait {retry_after} seconds."


class CentralDiskFull(CentralUnreachable):
    """The central's disk is full: it can be read, but takes nothing in."""

    code = "central_disk_full"
    what = "The disk of the central {central} is full: it takes nothing in until its operator makes room."
    remedy = "Go on working, and tell the bureau."


class JoinDelayed(TooManyRequests):
    """The central asked to wait before another attempt to join."""

    what = "The central asks to wait {retry_after} seconds before another attempt to join."
    data = "Nothing was changed here, and a valid code was not used up."
    remedy = "Wait, check the code, then join again; nothing joins by itself. A code lasts as long as the bureau said."


class CentralClockWrong(SyncError):
    """The central does not believe its own clock, so it takes nothing in; ``off_by`` says by how much it seems to be
    wrong, in the unit ``unit``."""

    code = "clock"
    what = "The central's clock is wrong (by about {off_by} {unit}): nothing was sent."
    value_families: ClassVar[Mapping[str, str]] = {"unit": "time_unit"}
    data = "Your records stay here: {pending} unsent lines wait on this device."
    remedy = "Tell the bureau: the clock of the central's machine must be set. Then the next round sends them."

    @classmethod
    def off_by_ms(cls, ms: int, **values: object) -> CentralClockWrong:
        """The error of a clock that seems to be wrong by ``ms`` milliseconds."""
        seconds = abs(ms) // 1000
        for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
            if seconds >= 2 * size:
                return cls(off_by=round(seconds / size), unit=unit, **values)
        return cls(off_by=seconds, unit="second", **values)


class BadAddress(SyncError):
    """An address that is not one of a web server."""

    code = "bad_address"
    what = "“{central}” is not the address of a central."
    data = "Nothing was sent."
    remedy = "It looks like https://central.example.gov.cn – ask the bureau."


class RequestDeclined(SyncError):
    """The central understood the request and will not do it."""

    code = "declined"
    what = "The central declines: {detail}."
    data = "Nothing is lost; unsent lines are kept."
    remedy = "Upgrade guanjia on this machine; if it stays, tell the bureau."


class UpgradeRequired(SyncError):
    """Device and central share no protocol version."""

    code = "upgrade_required"
    what = "This guanjia speaks protocol {ours}; the central wants {min} to {max}."
    data = "Everything stays usable offline and nothing is lost; {pending} unsent lines wait here."
    remedy = "Upgrade guanjia on this machine, then sync."


class NotEnrolled(SyncError):
    """The device has no token: it works alone, or was never joined."""

    code = "not_enrolled"
    what = "This device has not joined a central."
    data = "Everything is kept here."
    remedy = "Ask the bureau for a code, then “guanjia join URL”, which asks for it."


class DeviceRefused(SyncError):
    """The central no longer takes this device: it was revoked, or what it keeps as its token is none."""

    code = "revoked"
    what = "This device was revoked at the central, or its token is damaged: the central refuses it."
    data = "Everything on this device stays readable; unsent lines are kept."
    remedy = "Ask the bureau for a new code, then “guanjia join URL”, which asks for it."


class DeviceUnknown(DeviceRefused):
    """The central does not know this device's token: a restored backup may be older than its joining."""

    what = "The central does not know this device. It may have been restored from a backup of before you joined."
    data = "Everything on this device stays readable; all its lines are kept, and go to the central once it knows you."
    remedy = (
        "Try again once a computer of the bureau has synced. If that does not help, ask the bureau for a new code, "
        "then “guanjia join URL”, which asks for it."
    )


class DeviceReplaced(DeviceRefused):
    """A copy of this home syncs in its place."""

    what = "This home was copied or restored, and the copy syncs in its place since."
    remedy = (
        "Go on there, or ask the bureau for a new code, then “guanjia join URL” here. If it was not you, tell them."
    )


class TokenExpired(DeviceRefused):
    """The device has not synced for longer than its token lives."""

    what = "This device has not synced for more than {days} days, so the central wants the bureau's word first."
    remedy = "Ask the bureau to let it in again (“guanjia admin readmit NAME”), then sync. No new code is needed."


class BadInvite(SyncError):
    """A one-time code that is unknown, used, withdrawn or expired."""

    code = "bad_invite"
    what = "This code is not valid: it is used, expired, or mistyped."
    data = "Nothing was changed."
    remedy = "Ask the bureau for a new code."


class DistrictMismatch(SyncError):
    """A home of one district tried to join the central of another."""

    code = "other_district"
    what = "This home belongs to district {ours}; the central serves {theirs}."
    data = "Nothing was changed."
    remedy = "Use another home for that district (--home)."


class OtherPerson(SyncError):
    """A home of one person was brought with a code for another."""

    code = "other_person"
    what = "This home is {ours}'s; the code is for {theirs}."
    data = "Nothing was changed, and the code stays good."
    remedy = "Use another home (--home) for {theirs}, or ask the bureau for a code for {ours}."


class HandOver(SyncError):
    """A home that is one person's by name was brought with a code for another, and nobody said that it is handed
    over."""

    code = "hand_over"
    what = "This home is {ours}'s until now; the code is for {theirs}."
    data = "Nothing was changed, and the code stays good. {unsent} unsent lines would be sent under {theirs}'s name."
    remedy = (
        "If {theirs} takes this home over, join again with --hand-over. Else use another home (--home) for {theirs}, "
        "or ask the bureau for a code for {ours}."
    )


class HomeCopied(SyncError):
    """Another copy of this home, with the same token, has sent lines since this one did."""

    code = "twin"
    what = "This home was copied, and the other copy has sent lines to the central."
    data = "Nothing was lost; {pending} unsent lines wait here."
    remedy = "Sync again: this copy becomes a device of its own by itself."


class TooManyDevices(SyncError):
    """The person has as many devices as the central allows."""

    code = "too_many_devices"
    what = "This person has {most} devices already, and no more are allowed."
    data = "Nothing was changed: unsent lines stay here, and a code stays good."
    remedy = "Ask the bureau to revoke one that is no longer used, then try again."


class InsecureAddress(SyncError):
    """A plain http:// address that is not this machine."""

    code = "insecure"
    what = "{central} is not encrypted (http), so the ledger could be read on the way."
    data = "Nothing was sent."
    remedy = "Use the https:// address."


class RoundRunning(SyncError):
    """Another process holds the home's round lock."""

    code = "round_running"
    what = "Another guanjia (the daemon?) is already syncing this home."
    data = "Nothing is lost; it sends what is unsent."
    remedy = "See “guanjia status”."


class UnfitServicePath(SyncError):
    """A path with line ends or other control characters, which no service's file can hold."""

    code = "unfit_service_path"
    what = "The path {path} has characters that no service can be given."
    data = "No service was written; the home is as it was."
    remedy = "Rename the folder: letters, digits, Chinese characters and spaces are all right."


class UnknownName(SyncError):
    """A project, department, account or device that the central does not know."""

    code = "unknown_name"
    what = "The central knows no {what_kind} “{name}”."
    value_families: ClassVar[Mapping[str, str]] = {"what_kind": "named"}
    data = "Nothing was changed."
    remedy = (
        "Projects and departments are known once a device has synced them: invite the bureau first, import, sync. A "
        "department comes into the ledger with the first issue that is assigned to it."
    )


class AmbiguousName(UnknownName):
    """Several of that name; ``candidates`` lists them."""

    code = "ambiguous_name"
    what = "At the central “{name}” may be any {what_kind} of these: {candidates}."
    remedy = "Name it by its id."


class PersonNotSpecified(AmbiguousName):
    """An invitation for a name that may mean somebody who is known; ``candidates`` lists them, (*) is a code that
    waits."""

    code = "which_person"
    what = "The central knows “{name}” already: {candidates}. Is this the same person?"
    data = "No code was made. Who is marked (*) has a code that is not used yet; it stays good."
    remedy = "The same: --same, or --person ID where there are several. Another person of that name: --new."


class BadRole(SyncError):
    """A role that does not exist, or that lacks its project or department."""

    code = "bad_role"
    what = "{detail}"
    data = "Nothing was changed."
    remedy = "Roles: {roles}."


class NotForThisRole(SyncError):
    """A call of the bureau's seat by somebody who does not have its role."""

    code = "not_for_this_role"
    what = "Your role at the central does not allow this."
    data = "Nothing was changed."
    remedy = "The bureau administers accounts, devices and codes; an auditor reads the audit and the figures."


class LastBureauDevice(SyncError):
    """Stopping this would leave the bureau without a device."""

    code = "last_bureau"
    what = "“{name}” is the last of the bureau that the central lets in: nobody could administer it then."
    data = "Nothing was changed."
    remedy = "Let another device of the bureau join first. Where it was stolen: “guanjia central revoke” on the server."


class NothingToReadmit(SyncError):
    """No expired token to be made good."""

    code = "nothing_to_readmit"
    what = "No device of “{name}” waits to be let in: it is let in, or it was stopped by the bureau."
    data = "Nothing was changed."
    remedy = "See the devices with “guanjia admin devices”. One that was stopped needs a new code."


class NoSuchCode(SyncError):
    """No valid one-time code of this name waits."""

    code = "no_such_code"
    what = "No code waits for “{name}”: it was used, has expired, or was withdrawn already."
    data = "Nothing was changed."
    remedy = "See the codes that wait with “guanjia admin codes”."


class NothingWaits(NoSuchCode):
    """Nothing of this name waits for the bureau's decision."""

    code = "nothing_waits"
    what = "Nothing of “{name}” waits for a decision."
    remedy = "See what waits with “guanjia admin waiting --each”: a number, or the name of who sent it."
