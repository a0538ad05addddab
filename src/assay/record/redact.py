"""What in a text must not travel: secrets in their well-known forms, and whatever the organization lists?

Texts are searched whole, before anything cuts them: half of a secret is no longer known for one (and may still be worth
stealing). What is found becomes `[redacted:NAME]`. A form is here only where its issuer says what it looks like; the
one exception, a name such as `password` with a value that looks drawn by chance, is asked for much before it counts.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pydantic import JsonValue

    Span = tuple[int, int]

__all__ = ["ENVIRONMENT_KEY", "SECRETS", "Pattern", "Redactor", "literal"]

ENVIRONMENT_KEY: Final = "environment-key"
"""Name of what holds the value of a key from the environment."""
_SHORTEST_LITERAL: Final = 8
_MARKER: Final = re.compile(r"\[redacted:[a-z][a-z0-9-]*\]")
_DIGEST: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_CUT_AT: Final = 500
"""Length at which a server's message is cut when it is heard, so that a secret at its end may be half of one."""
_CUT: Final = re.compile(
    r"(?:(?<![A-Za-z0-9])(?:sk-|gh[pousr]_|github_pat_|glpat-|xox[a-z]-|AIza|hf_|AKIA|ASIA|eyJ)|\b[Bb]earer\s)\S*\Z"
)
_LEAST_BITS: Final = 3.0


@dataclass(frozen=True)
class Pattern:
    """One kind of text that must not travel."""

    name: str
    """How it is counted and shown: lower case letters, digits and dashes."""
    find: Callable[[str], Iterable[Span]]
    """Yields where it stands in a text, as first character and end."""
    needles: tuple[str, ...] = ()
    """Lower-case texts of which each find has one, so that files without any are not searched; none searches all."""
    everywhere: bool = True
    """Whether also names, ids and digests are searched, which the organization's words may well be part of."""


def _by(form: str, *needles: str, name: str, check: Callable[[str], bool] = lambda _: True) -> Pattern:
    """Return the pattern of a regular expression; where it has a group, only that is taken out."""
    compiled = re.compile(form)
    group = compiled.groups

    def find(text: str) -> Iterator[Span]:
        return (found.span(group) for found in compiled.finditer(text) if check(found[group]))

    return Pattern(name, find, needles)


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _is_drawn(text: str) -> bool:
    """Say whether a text looks drawn by chance: letters and digits, and at least 3 bits a character (Shannon 1948).

    Sixteen hexadecimal digits have 3.1 bits on average; words, paths and placeholders fall out for want of digits.
    """
    counts = Counter(text).values()
    bits = -sum(n / len(text) * math.log2(n / len(text)) for n in counts)
    return bits >= _LEAST_BITS and _has_digit(text) and any(character.isalpha() for character in text)


SECRETS: Final[tuple[Pattern, ...]] = (
    # RFC 7468, section 2: textual encodings; also of OpenSSH (PROTOCOL.key) and OpenPGP (RFC 9580, section 6.2).
    _by(
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,60}-----|\Z)",
        "private key",
        name="private-key",
    ),
    # OpenAI, Anthropic, OpenRouter and LiteLLM: keys begin with `sk-` (each one's page on authentication).
    _by(r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{20,}", "sk-", name="sk-key", check=_has_digit),
    # AWS, IAM identifiers, "Understanding unique ID prefixes": AKIA for access keys, ASIA for temporary ones.
    _by(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])", "akia", "asia", name="aws-key"),
    # GitHub, "About authentication to GitHub", section on token formats.
    _by(
        r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})",
        *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        name="github-token",
    ),
    # GitLab, "Token overview", section on token prefixes.
    _by(
        r"(?<![A-Za-z0-9])gl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct)-[A-Za-z0-9_.-]{20,}",
        *("glpat-", "gloas-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-"),
        *("glsoat-", "glffct-"),
        name="gitlab-token",
    ),
    # Slack, "Token types" and "Sending messages using incoming webhooks".
    _by(
        r"(?<![A-Za-z0-9])(?:xox[abeoprs]-|xapp-|hooks\.slack\.com/services/)[A-Za-z0-9/-]{10,}",
        *("xox", "xapp-", "hooks.slack.com"),
        name="slack-token",
        check=_has_digit,
    ),
    # Google Cloud, "Manage API keys" (39 characters from AIza on); OAuth client secrets and access tokens.
    _by(
        r"(?<![A-Za-z0-9])(?:AIza[A-Za-z0-9_-]{35}|GOCSPX-[A-Za-z0-9_-]{20,}|ya29\.[A-Za-z0-9_-]{20,})",
        *("aiza", "gocspx-", "ya29."),
        name="google-key",
    ),
    # Hugging Face, "User access tokens".
    _by(r"(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,}", "hf_", name="hf-token"),
    # RFC 7515, section 3.1, compact serialization: a JSON header and JSON claims begin with `eyJ` in base64url.
    _by(r"(?<![A-Za-z0-9])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*", "eyj", name="jwt"),
    # RFC 6750, section 2.1, and RFC 7617, section 2.
    _by(
        r"(?i)\bauthorization[\"'\\]{0,4}\s{0,3}[:=]\s{0,3}[\"'\\]{0,4}(?:bearer|basic|token)\s{1,3}"
        r"([A-Za-z0-9._~+/=-]{8,})",
        *("authorization", "bearer"),
        name="authorization",
        check=_has_digit,
    ),
    # RFC 3986, section 3.2.1: user information with a password.
    _by(r"(?<=://)[^\s/?#@:\"'<>]{0,100}:[^\s/?#@\"'<>]{1,200}(?=@)", "://", name="url-password"),
    _by(
        r"(?i)(?:api[_-]?key|access[_-]?key|secret[_-]?key|secret|auth[_-]?token|access[_-]?token|refresh[_-]?token"
        r"|password|passwd|token)[\"'`\\]{0,4}\s{0,3}(?::=|=>|[:=])\s{0,3}[\"'`\\]{0,4}([A-Za-z0-9+/_=.~-]{16,200})",
        *("key", "secret", "token", "password", "passwd"),
        name="assigned-secret",
        check=_is_drawn,
    ),
)
"""Secrets in the forms that their issuers document."""


def literal(name: str, text: str) -> Pattern | None:
    """Return the pattern of one very text, as it is and as JSON quotes it, once or twice over.

    None for one of fewer than 8 characters, which is a placeholder and may be a word.
    """
    if len(text) < _SHORTEST_LITERAL:
        return None
    once = json.dumps(text, ensure_ascii=False)[1:-1]
    forms = sorted({text, once, json.dumps(once, ensure_ascii=False)[1:-1]}, key=len, reverse=True)
    return _by("|".join(map(re.escape, forms)), *(form.lower() for form in forms), name=name)


class Redactor:
    """Takes out of texts what must not travel, and counts it."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        """Begin with nothing found.

        Args:
            patterns: what is looked for.
        """
        self._patterns = tuple(patterns)
        self.counts: Counter[str] = Counter()
        """Texts taken out, by the name of what they matched."""

    def for_file(self, content: bytes) -> Redactor | None:
        """Return what must be looked for in the texts of a JSON file, counting here; None when nothing can be in it."""
        lower = content.lower()
        found = [
            own for own in self._patterns if not own.needles or any(needle.encode() in lower for needle in own.needles)
        ]
        if not found:
            return None
        narrowed = Redactor(found)
        narrowed.counts = self.counts
        return narrowed

    def names_in(self, text: str, *, named: bool = False) -> list[str]:
        """Return the names of what stands in a text, as `text` would take it out; nothing is counted."""
        return [name for _, _, name in self._spans(text, named=named)]

    def text(self, text: str, *, named: bool = False) -> str:
        """Return a text without what must not travel.

        Args:
            text: the text, whole.
            named: whether it is a name, an id or a word of the protocol, in which only secrets are looked for.
        """
        spans = self._spans(text, named=named)
        if not spans:
            return text
        pieces, at = [], 0
        for start, end, name in spans:
            pieces += [text[at:start], f"[redacted:{name}]"]
            self.counts[name] += 1
            at = end
        return "".join([*pieces, text[at:]])

    def value(self, value: JsonValue, names: frozenset[str] = frozenset(), *, keys: bool = False) -> JsonValue:
        """Return a JSON value without what must not travel in its texts.

        Args:
            value: the value.
            names: keys of objects whose texts are names.
            keys: whether keys of objects are texts too, and not the names of fields.
        """
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(own, names, keys=keys) for own in value]
        if isinstance(value, dict):
            return {
                self.text(key) if keys else key: (
                    self.text(own, named=True)
                    if key in names and isinstance(own, str)
                    else self.value(own, names, keys=keys)
                )
                for key, own in value.items()
            }
        return value

    def _spans(self, text: str, *, named: bool) -> list[tuple[int, int, str]]:
        """Return what to take out of a text, from left to right; of two that overlap the whole, by the first's name."""
        named = named or _DIGEST.fullmatch(text) is not None
        found = [
            (start, end, own.name)
            for own in self._patterns
            if own.everywhere or not named
            for start, end in own.find(text)
            if start < end
        ]
        if len(text) == _CUT_AT and (cut := _CUT.search(text)) is not None:
            found.append((*cut.span(), "cut-secret"))
        if not found:
            return []
        kept = [own.span() for own in _MARKER.finditer(text)]
        merged: list[tuple[int, int, str]] = []
        for start, end, name in sorted(found, key=lambda own: (own[0], -own[1])):
            if any(first <= start and end <= last for first, last in kept):
                continue
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]), merged[-1][2])
            else:
                merged.append((start, end, name))
        return merged
