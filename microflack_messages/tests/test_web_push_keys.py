"""Encryption for browsers, and the key by which push services know the platform."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from push_service import Browser, from_base64, to_base64

from microflack_messages.web_push import encryption
from microflack_messages.web_push.keys import CURVE, ServerKey

# RFC 8291, 5 and appendix A.
TEXT = b"When I grow up, I want to be a watermelon"
AUTH = from_base64("BTBZMqHH6r4Tts7J_aSIgg")
PRIVATE = from_base64("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")
PUBLIC = (
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkN"
    "toIAiw4"
)
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vC"
    "YLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXL"
    "WyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


@pytest.fixture
def browser():
    """Return the browser of the example."""
    private = ec.derive_private_key(int.from_bytes(PRIVATE), CURVE)
    browser = Browser(None, "", private, AUTH)
    assert to_base64(browser.point) == PUBLIC
    return browser


def test_the_tests_can_read_the_example(browser):
    assert browser.decrypt(from_base64(BODY)) == TEXT


def test_only_the_browser_can_read_what_was_encrypted(browser):
    bodies = [encryption.encrypt(TEXT, from_base64(PUBLIC), AUTH) for _ in range(2)]
    assert [browser.decrypt(body) for body in bodies] == [TEXT, TEXT]
    assert bodies[0] != bodies[1] and TEXT not in bodies[0]
    with pytest.raises(ValueError, match="too long"):
        encryption.encrypt(b"x" * 4080, from_base64(PUBLIC), AUTH)


def test_a_secret_names_one_key_for_good():
    # It is written down in every browser that has subscribed.
    known = (
        "BDJDAdmNEgHZbwVYummeGAJgeytVktyYAAwa1pwJzsnsFqSCEN-CqeTA5SOQxA4pQhdg_KRsMsZYxT"
        "6mso-4jSI"
    )
    assert ServerKey("the secret of a platform").public == known
    assert ServerKey("another secret").public != known
