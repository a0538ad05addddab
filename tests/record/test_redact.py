"""Are secrets found in the forms that their issuers document, wherever they stand, and is all else left alone?"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.record.redact import SECRETS, Pattern, Redactor, literal

# Put together here, so that no scanner of repositories takes them for what they look like.
_DRAWN = "q7Xf2Lm9Zt4Vb8Kc1Wd6Rp3Hs5Jg0Ny"
_PEM = "-----BEGIN {0}PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END {0}PRIVATE KEY-----"
FORMS = [
    ("sk-key", "sk-" + _DRAWN),
    ("sk-key", "sk-proj-" + _DRAWN + "_-x"),
    ("sk-key", "sk-ant-api03-" + _DRAWN),
    ("aws-key", "AKIA" + "Q3EGRIQ2XL7ZPABC"),
    ("aws-key", "ASIA" + "Q3EGRIQ2XL7ZPABC"),
    ("github-token", "ghp_" + _DRAWN + "abcdef"),
    ("github-token", "ghs_" + _DRAWN + "abcdef"),
    ("github-token", "github_pat_" + _DRAWN),
    ("gitlab-token", "glpat-" + _DRAWN[:20]),
    ("slack-token", "xoxb-" + "123456789012-" + _DRAWN),
    ("slack-token", "hooks.slack.com/services/" + "T0001/B0002/" + _DRAWN),
    ("google-key", "AIza" + _DRAWN + "abcd"[:4]),
    ("google-key", "ya29." + _DRAWN),
    ("hf-token", "hf_" + _DRAWN),
    ("jwt", "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxIn0wMDAw.c2ln"),
    ("private-key", _PEM.format("")),
    ("private-key", _PEM.format("RSA ")),
    ("private-key", _PEM.format("OPENSSH ")),
]
ASSIGNED = [
    ("authorization", "Authorization: Bearer ", "abc" + _DRAWN[:9], " ok"),
    ("authorization", '{"authorization": "Basic ', "dXNlcjpwYXNzd29yZDE=", '"}'),
    ("url-password", "postgres://", "admin:hunter2", "@db.example/x"),
    ("assigned-secret", "password = ", _DRAWN[:16], " ok"),
    ("assigned-secret", 'API_KEY="', _DRAWN, '"'),
    ("assigned-secret", '\\"client_secret\\": \\"', _DRAWN, '\\"'),
    ("assigned-secret", "aws_secret_access_key=", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzKEY123", "\n"),
]
INNOCENT = [
    "The task-force met; risk-averse people desk-checked it.",
    "sk-learn-compatible-estimators-and-pipelines",
    "Use the token limit: max_tokens=256, and set password: to what you like.",
    "API_KEY=YOUR_API_KEY_GOES_HERE_PLEASE",
    "secret = the_secret_ingredient_is_love",
    "See https://example.com:8080/path?at=user@example.com and mailto:a@b.c",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "ghp_short, hf_short, AKIAshort, eyJ only, AIza",
    "-----BEGIN PUBLIC KEY-----\nMIIBIjAN\n-----END PUBLIC KEY-----",
    "the key: 1234567890123456 and the token: aaaaaaaaaaaaaaaaaaaaa1",
    "Authorization: Bearer <token>, Authorization: Bearer $TOKEN",
]


def _redacted(text: str, *more: Pattern) -> str:
    return Redactor([*SECRETS, *more]).text(text)


@pytest.mark.parametrize(("name", "secret"), FORMS)
def test_well_known_forms_are_taken_out(name: str, secret: str) -> None:
    """A secret in a documented form becomes its name, and what stands around it stays."""
    assert _redacted(f"Here: {secret}, and so on.") == f"Here: [redacted:{name}], and so on."
    assert _redacted(secret) == f"[redacted:{name}]"


@pytest.mark.parametrize(("name", "before", "secret", "after"), ASSIGNED)
def test_only_the_value_is_taken_out(name: str, before: str, secret: str, after: str) -> None:
    """Where a name says what a value is, the name stays: a reader sees what was there."""
    assert _redacted(before + secret + after) == f"{before}[redacted:{name}]{after}"


@pytest.mark.parametrize("text", INNOCENT)
def test_what_is_no_secret_stays(text: str) -> None:
    """Words, placeholders, addresses, digests and public keys are left alone."""
    assert _redacted(text) == text


@given(st.text(max_size=60), st.sampled_from(FORMS), st.text(max_size=60))
def test_no_secret_is_left_whatever_stands_around_it(before: str, form: tuple[str, str], after: str) -> None:
    """Behind and before whatever text, a secret is gone; what is redacted once stays as it is."""
    redactor = Redactor(SECRETS)
    found = redactor.text(f"{before} {form[1]} {after}")
    assert form[1] not in found
    assert redactor.text(found) == found


def test_half_a_secret_at_the_end_of_a_cut_message_is_taken_out() -> None:
    """A server's message is cut at 500 characters when it is heard: the beginning of a secret there is one."""
    cut = ("x " * 250)[:490] + "ghp_abcdef"
    assert len(cut) == 500
    assert _redacted(cut) == cut[:490] + "[redacted:cut-secret]"
    assert _redacted(cut[1:]) == cut[1:]


def test_a_private_key_without_an_end_is_taken_out_to_the_end() -> None:
    """Of a key that was cut, all is gone."""
    assert _redacted("a -----BEGIN PRIVATE KEY-----\nMIIE\nvQIB") == "a [redacted:private-key]"


def test_counts_are_by_name() -> None:
    """Each text that is taken out counts once, and two that overlap are one."""
    redactor = Redactor(SECRETS)
    redactor.text(f"a {FORMS[0][1]} b {FORMS[0][1]} password={FORMS[5][1]}")
    assert redactor.counts == {"sk-key": 2, "github-token": 1}


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=8, max_size=30), st.integers(0, 2))
def test_a_very_text_is_found_as_it_is_and_quoted(key: str, quoted: int) -> None:
    """A key from the environment is found as it is, and as JSON quotes it once or twice over."""
    pattern = literal("environment-key", key)
    assert pattern is not None
    text = key
    for _ in range(quoted):
        text = json.dumps(text)[1:-1]
    redactor = Redactor([pattern])
    assert redactor.for_file(json.dumps(text).encode()) is not None or quoted == 2
    assert text not in redactor.text(f"<{text}>")


def test_a_short_key_is_a_placeholder() -> None:
    """`none` may be any word: it is not looked for."""
    assert literal("environment-key", "none") is None


def test_names_are_searched_for_secrets_alone() -> None:
    """What the organization lists may well be part of a name or a digest; a secret may not."""
    listed = Pattern("staff", lambda text: [(0, 2)] if text[:2].isdigit() else [], everywhere=False)
    redactor = Redactor([*SECRETS, listed])
    digest = "12" + "a" * 62
    assert redactor.text("12 people") == "[redacted:staff] people"
    assert (redactor.text(digest), redactor.text("12", named=True)) == (digest, "12")
    value = {"case": "12-a", "note": "12-a", "12k": [FORMS[0][1]]}
    assert redactor.value(value, frozenset({"case"})) == {
        "case": "12-a",
        "note": "[redacted:staff]-a",
        "12k": ["[redacted:sk-key]"],
    }
    assert redactor.value({"12k": 1}, keys=True) == {"[redacted:staff]k": 1}


def test_files_that_hold_nothing_are_not_searched() -> None:
    """Where no beginning of a form stands in a file, nothing is looked for; the organization's patterns always are."""
    assert Redactor(SECRETS).for_file(b'{"output": "nothing to see"}') is None
    assert Redactor(SECRETS).for_file(b'{"output": "GHP_"}') is not None
    always = Pattern("staff", lambda _: [])
    assert Redactor([always]).for_file(b"{}") is not None


@pytest.mark.parametrize(
    "text", ["://" * 20_000, "password" * 10_000, "eyJ" * 20_000, "-----BEGIN " * 8_000, "sk-" * 30_000]
)
def test_long_texts_are_searched_in_time(text: str) -> None:
    """No text makes a form of a secret slow: each is looked for in one go."""
    Redactor(SECRETS).text(text)
