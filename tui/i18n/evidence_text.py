"""The check of a package of evidence in words: what was found, what it proves, and what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.i18n.translate import N_, _, ngettext

if TYPE_CHECKING:
    from typing import Protocol

    class _About(Protocol):
        @property
        def title(self) -> str: ...
        @property
        def name(self) -> str: ...

    class CheckedPackage(Protocol):
        """What the texts are about (`sync.protocol.evidence.check.PackageReport`)."""

        @property
        def manifest(self) -> _About | None: ...
        @property
        def key(self) -> str: ...
        @property
        def proven(self) -> int: ...
        @property
        def versions(self) -> int: ...


FINDING_TEXTS = {
    "malformed": N_("Its bytes are not those of a package as this program writes them: changed, cut short or made up."),
    "part_missing": N_("A part is missing: {about}."),
    "unreadable": N_("A part cannot be read as what it is: {about}."),
    "other_parts": N_("It has other parts than its list says. {about}"),
    "part_changed": N_("A part is not as it was: {about}."),
    "unsealed": N_("The central has not sealed it: anybody can have made or changed it."),
    "seal_forged": N_("The seal is not by the key that the package names."),
    "seal_of_another": N_("The seal is for another list of parts: something was changed after it was sealed."),
    "other_key": N_("The central’s key is another one than you named: {about}."),
    "head_forged": N_("The head of the central’s log is not signed by its key."),
    "proof_wrong": N_("A version is not the one that the central took in: {about}."),
    "document_wrong": N_("An attached file is not the one that its record names: {about}."),
    "document_missing": N_("The bytes of an attached file were not there when it was made: {about}."),
    "document_unproven": N_(
        "An attached file of which only the package’s maker says to what it belongs, since the central’s proof of that "
        "is missing: {about}."
    ),
    "small_copy": N_("A small picture is in it in place of the original: {about}."),
    "unproven": N_("Versions without the central’s proof that it took them in: {about}."),
}
"""What each finding means, by its code."""


def finding_text(code: str, about: str) -> str:
    """A finding as a sentence."""
    return _(FINDING_TEXTS[code]).format(about=about).strip()


def proves_texts(report: CheckedPackage, sealed_at: str, *, named: bool) -> list[str]:
    """What a whole package proves, and what not; ``named``: its reader has named the central's key."""
    manifest = report.manifest
    title, name = ("", "") if manifest is None else (" ".join(each.split()) for each in (manifest.title, manifest.name))
    count = ngettext("{n} version", "{n} versions", report.proven).format(n=report.proven)
    key = (
        _("The central’s key is the one that you named: {key}.")
        if named
        else _("All this is by the key {key}. Compare it with the central’s, from somebody you trust.")
    )
    return [
        _("It is about “{title}”, made by {name} and sealed by the central on {time}.").format(
            title=title, name=name, time=sealed_at
        ),
        _("It proves: since then no byte was changed, and the central had taken in {versions} just as they are here.")
        .format(versions=count),
        _(
            "It does not prove: that nothing was left out, that the page to be read says what the versions say, that "
            "what people wrote is true, or that clocks were right."
        ),
        key.format(key=report.key),
    ]  # fmt: skip
