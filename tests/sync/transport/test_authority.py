"""Trust by the pin in an address: what is believed of an answer that came over a connection which proves nothing."""

from __future__ import annotations

import pytest

from sync.central.accounts import identity
from sync.central.accounts.authority import authority_pem
from sync.exceptions import BadAddress, InsecureAddress
from sync.protocol.authority import AuthorityAnswer, authority_message, pin_of
from sync.transport.authority import JoinAddress, is_named_by, parse_join_address, with_pin
from sync.transport.exceptions import BadPin

SECRET, OTHER = "s" * 43, "t" * 43
KEY = identity.public_key(SECRET)


def named(secret: str, certificate: str) -> AuthorityAnswer:
    """The answer of the central with this secret."""
    signature = identity.sign(secret, authority_message(certificate))
    return AuthorityAnswer(certificate=certificate, key=identity.public_key(secret), signature=signature)


def test_an_address_is_read_with_its_pin_however_it_is_grouped() -> None:
    """The digits may be typed in groups, in capitals, with blanks; an address without a pin stays what it was."""
    written = with_pin("https://10.0.0.5:8443", KEY)
    expected = JoinAddress("https://10.0.0.5:8443", pin_of(KEY))
    for text in (written, written.upper().replace("HTTPS", "https"), written.replace("-", " ")):
        assert parse_join_address(f" {text} ") == expected
    assert parse_join_address("https://central.office/") == JoinAddress("https://central.office", "")


@pytest.mark.parametrize("rest", ["#", "#12", f"#{'0' * 31}", f"#{'0' * 33}", f"#{'g' * 32}", f"#{'0' * 32}#"])
def test_half_a_pin_is_no_pin(rest: str) -> None:
    """An address that was copied in part is refused: without the pin it would be another, weaker promise."""
    with pytest.raises(BadPin):
        parse_join_address(f"https://10.0.0.5:8443{rest}")
    with pytest.raises(BadAddress):
        parse_join_address("central.office#" + "0" * 32)
    with pytest.raises(InsecureAddress):
        parse_join_address("http://10.0.0.5#" + "0" * 32)


def test_only_the_key_of_the_pin_names_an_authority() -> None:
    """Another's key, another's signature, a changed certificate, two certificates or none are not believed."""
    pin, good = pin_of(KEY), named(SECRET, authority_pem(SECRET))
    assert is_named_by(pin, good)
    assert not is_named_by(pin, named(OTHER, authority_pem(OTHER)))
    assert not is_named_by(pin, good.model_copy(update={"signature": named(OTHER, good.certificate).signature}))
    assert not is_named_by(pin, good.model_copy(update={"certificate": authority_pem(OTHER)}))
    for certificate in ("", "no certificate", authority_pem(SECRET) * 2):
        assert not is_named_by(pin, named(SECRET, certificate))
