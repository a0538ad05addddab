"""What does a text tell of the inside of a server: traces, paths, addresses, statements, variables?

Only kinds are told, never the text. A path of the protocol, a page of documentation, the address and the model's name
that the client itself sent are no marks.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import JsonValue

    from assay.runtime.probing.probing import Subject

__all__ = ["ADDRESS", "known_to_client", "marks", "readable", "tells_address"]

ADDRESS: Final = "an internal address"
_MOST_READ: Final = 1 << 16
_DEEPEST: Final = 12

_WEB_ADDRESS: Final = re.compile(r"\bhttps?://[^\s\"'<>]+", re.IGNORECASE)
_LINK: Final = re.compile(r"\b(?:href|src|action)\s*=\s*[\"'][^\"'>]{0,500}[\"']", re.IGNORECASE)

_TRACES: Final = (
    r"Traceback \(most recent call last\)",  # Python
    r"File \"[^\"\n]{1,300}\", line \d+",
    r"goroutine \d+ \[",  # Go
    r"^panic: ",
    r"\w\.go:\d+\b",
    r"\bat [\w$.]+\((?:[\w$]+\.(?:java|kt|scala)(?::\d+)?|Native Method|Unknown Source)\)",  # Java
    r"Exception in thread \"",
    r"\bat [^\n]{0,200}\.(?:[cm]?js|ts):\d+:\d+",  # Node
    r"\bnode:internal/",
    r"\bpanicked at\b",  # Rust
    r"\bstack backtrace:",
    r"terminate called after throwing",  # C++
    r"^#\d+ +0x[0-9a-f]{4,}",
    r"\b[\w-]{1,80}\.(?:cc|cpp|cxx|cu|hpp|rs):\d+\b",
    r"\) in [^\n]{1,200}:line \d+",  # .NET
    r"\.php:\d+\b|\bStack trace:\s+#0",  # PHP
    r"\.rb:\d+:in\b",  # Ruby
)
_FILES: Final = (
    "pyc?|go|[cm]?js|ts|java|cc|cpp|cxx|hpp|rs|rb|php|cs|so|dll|gguf|safetensors|bin|pth?|onnx|ya?ml|toml|conf|cfg|ini"
    "|env|log|sqlite3?|db|sock|pem|key|jinja"
)
_PATHS: Final = (
    # Folders that servers have and interfaces do not.
    r"(?<![\w/:.~-])/(?:home|root|usr|var|etc|opt|srv|tmp|proc|mnt|Users|private|nix|workspace|__w)/[\w.+@-]+",
    # Any other, by what it ends in.
    rf"(?<![\w/:.~@+-])(?:/[\w.+@-]+)+/[\w.+@-]+\.(?:{_FILES})\b",
    r"\b(?:site|dist)-packages\b",
    r"\b[A-Za-z]:\\+[\w .$-]+\\+[\w.$-]+",  # Windows
    r"\\\\[\w.-]+\\[\w.$-]+\\",
    r"\bfile:///",
)
_PRIVATE: Final = (
    r"10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}|169\.254(?:\.\d{1,3}){2}"
)
_INNER_NAME: Final = r"[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.(?:svc|internal|local|lan|corp|intranet)"
_ADDRESSES: Final = (
    rf"(?<![\d.])(?:{_PRIVATE})(?!\.?\d)",  # RFC 1918, RFC 3927
    r"(?<![\d.])127(?:\.\d{1,3}){3}:\d+",
    r"\[(?:f[cd][0-9a-f]{2}:|fe80:|::1\])",  # RFC 4193, RFC 4291
    r"\b[\w-]{1,63}\.svc\.cluster\.local\b",
    # A word with a dot may be code; with a port, a scheme or quotes it is a host.
    rf"(?:://|@|host=['\"]){_INNER_NAME}\b|\b{_INNER_NAME}:\d+",
    r"://[\w-]+(?::\d+|/)",  # a name without a dot
    r"\b(?:localhost|host\.docker\.internal):\d+",
)
_TRACE: Final = re.compile("|".join(_TRACES), re.MULTILINE)
_PATH: Final = re.compile("|".join(_PATHS))
_ADDRESS: Final = re.compile("|".join(_ADDRESSES), re.IGNORECASE)
_SQL: Final = re.compile(
    r"\bSELECT\b[^\n]{1,200}\bFROM\b|\bINSERT INTO\b|\bUPDATE\b[^\n]{1,100}\bSET\b|\bDELETE FROM\b|\bSQLSTATE\b"
    r"|\bsqlite3\.\w|\bpsycopg2?\b|\bORA-\d{5}\b|\byour SQL syntax\b|\brelation \\?\"\w+\\?\" does not exist"
)
_VARIABLE: Final = re.compile(
    # Codes of errors look like variables: INVALID_API_KEY is none.
    r"\b(?!(?:INVALID|MISSING|EXPIRED|BAD|UNKNOWN|NO|WRONG|ERR|ERROR|UNAUTHORIZED|REVOKED)_)[A-Z][A-Z0-9]*_(?:[A-Z0-9]+_)*(?:KEY|KEYS|SECRET|TOKEN|PASSWORD|URL|URI|HOST|PATH|HOME)\b"
    r"|\bos\.environ\b|\bprocess\.env\b|\$\{[A-Z][A-Z0-9_]+\}"
)


def known_to_client(subject: Subject) -> tuple[str, ...]:
    """Return what the client itself sends, longest first: to repeat it tells nothing of the server."""
    parts = urlsplit(subject.base_url)
    sent = [f"{parts.scheme}://{parts.netloc}", parts.netloc, parts.hostname or ""]
    path = parts.path.rstrip("/")
    sent += [path] if path.count("/") > 1 else []
    # A short name would be found in other words; only one that looks like a path could be taken for a leak.
    sent += [subject.model] if {"/", "\\"} & set(subject.model) else []
    return tuple(sorted(filter(None, sent), key=len, reverse=True))


def readable(body: bytes) -> str:
    """Return a body as a text: as it came, and the strings of JSON without their escapes, 64 Ki characters each."""
    text = body[:_MOST_READ].decode("utf-8", "replace")
    try:
        document: JsonValue = json.loads(body)
    except (ValueError, RecursionError):
        return text
    return "\n".join((text, "\n".join(_strings(document))[:_MOST_READ]))


def _strings(document: JsonValue, depth: int = 0) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict) and depth < _DEEPEST:
        for value in document.values():
            yield from _strings(value, depth + 1)
    elif isinstance(document, list) and depth < _DEEPEST:
        for value in document:
            yield from _strings(value, depth + 1)


def tells_address(text: str, known: Sequence[str]) -> bool:
    """Return whether a text names an internal address other than the one that the client knows."""
    return _ADDRESS.search(_without(text, known)) is not None


def marks(text: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return which kinds of inside knowledge a text tells, in words.

    Args:
        text: what a server answered.
        known: what the client itself sent, longest first.
    """
    text = _without(text, known)
    # A page of documentation has a path and may have a port; an inner host was looked for before it is taken away.
    plain = _LINK.sub(" ", _WEB_ADDRESS.sub(" ", text))
    found = {
        "a stack trace": _TRACE.search(plain),
        "a file path": _PATH.search(plain),
        ADDRESS: _ADDRESS.search(text),
        "SQL": _SQL.search(plain),
        "an environment variable": _VARIABLE.search(plain),
    }
    return tuple(kind for kind, place in found.items() if place is not None)


def _without(text: str, known: Sequence[str]) -> str:
    for own in known:
        text = text.replace(own, " ")
    return text
