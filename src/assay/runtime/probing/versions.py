"""Which answers tell the version of what serves, or what stands behind it?

A `Server` or `Via` header may name a product; its version spares an attacker the search (RFC 9110, 10.2.4 and 17.11).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.runtime.probing.marks import known_to_client, tells_address
from assay.runtime.probing.probing import Probe
from assay.runtime.probing.wire import Ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from assay.runtime.probing.probing import Probing
    from assay.runtime.probing.wire import Reply

__all__ = ["PROBE"]

_OK: Final = 200
_MOST_READ: Final = 1 << 14
_FIRST_READS: Final = 4
_PRODUCT_HEADERS: Final = frozenset(
    {"server", "x-powered-by", "via", "x-generator", "x-runtime", "llm_provider-server"}
)
_OF_INTERFACE: Final = re.compile(r"^(?:openai|anthropic|api|x-api|x-ms|mcp-protocol|sec-websocket)\b.*version$")
"""Versions of an interface, which its clients must know."""
_VERSION: Final = re.compile(r"/v?\d|\d+\.\d+")
_RECEIVED_BY: Final = re.compile(r"(?:^|,)\s*(?:[\w]+/)?\d(?:\.\d)?\s+")
"""How each part of `Via` begins: with the version of HTTP (RFC 9110, 7.6.3)."""
_BEHIND: Final = re.compile(
    r"^(?:x-litellm-model-api-base|llm_provider-server|x-served-by|x-server-name|x-(?:backend|upstream)(?:-.*)?"
    r"|x-forwarded-(?:server|host)|x-(?:pod|host|hostname|node)(?:-name)?)$"
)
_PRODUCTS: Final = {"x-envoy-": "Envoy", "x-kong-": "Kong", "x-litellm-": "LiteLLM", "x-portkey-": "Portkey"}
_PAGE: Final = re.compile(
    rb"\b(?:nginx|openresty|apache|tomcat|jetty|caddy|haproxy|traefik|kong|envoy|varnish|litespeed|iis|werkzeug"
    rb"|python|uvicorn|gunicorn|hypercorn|aiohttp|node|express|go)/\d",
    re.IGNORECASE,
)
_FIELDS: Final = {
    "/version": re.compile(rb"\d+\.\d+"),
    "/api/version": re.compile(rb"\"version\"\s*:\s*\"[^\"]*\d"),
    "/info": re.compile(rb"\"version\"\s*:\s*\"[^\"]*\d"),
    "/props": re.compile(rb"\"build_info\"\s*:\s*\"b[1-9]\d*-"),
    # A framework writes 0.1.0 where nobody said which version it is.
    "/openapi.json": re.compile(rb"\"info\"\s*:\s*\{.{0,8000}?\"version\"\s*:\s*\"(?!0\.1\.0\")v?\d", re.DOTALL),
}
"""By which mark a page tells a version."""
_FINGERPRINT: Final = re.compile(rb"\"system_fingerprint\"\s*:\s*\"(?:b[1-9]\d*-[0-9a-f]|[^\"]{0,40}?\d+\.\d+\.\d+)")


async def _look(probing: Probing) -> None:
    """Read headers and pages as anybody may, and then those of a chat with the key."""
    known = known_to_client(probing.subject)

    def shows(reply: Reply) -> dict[str, str | bool]:
        return {
            "versions": ", ".join((*_versions_in_headers(reply.headers), *_version_in_body(reply, ask.path))),
            "behind": ", ".join(_behind(reply.headers, known)),
            "products": ", ".join(_products(reply.headers)),
            "open": ask.key == "none",
        }

    chat = probing.chat(f"Say yes. {probing.subject.nonce}", max_tokens=1)
    nowhere = f"/no-path-{probing.subject.nonce}"
    # Where a page is long, what it says of itself stands at its beginning.
    asks = [
        Ask("page", "GET", path, "without a key", "none", hang_up_after=_FIRST_READS) for path in (*_FIELDS, nowhere)
    ]
    asks += [
        Ask("open-chat", "POST", probing.chat_path, "without a key", "none", {}, chat),
        Ask("chat", "POST", probing.chat_path, "with the key", "own", {}, chat, 30.0),
    ]
    for ask in asks:
        await probing.ask(ask, shows)


def _versions_in_headers(headers: Mapping[str, str]) -> Iterator[str]:
    for name, value in _lowered(headers):
        told = _RECEIVED_BY.sub(",", value) if name == "via" else value
        named = name in _PRODUCT_HEADERS or (name.endswith("-version") and _OF_INTERFACE.match(name) is None)
        if named and _VERSION.search(told):
            yield name


def _version_in_body(reply: Reply, path: str) -> Iterator[str]:
    body = reply.body[:_MOST_READ]
    field = _FIELDS.get(path)
    if field is not None and reply.status == _OK and field.search(body):
        yield path
    if reply.status is not None and reply.status > _OK and _PAGE.search(body):
        yield "error page"
    if _FINGERPRINT.search(body):
        yield "system_fingerprint"


def _behind(headers: Mapping[str, str], known: Sequence[str]) -> Iterator[str]:
    """Yield the headers that tell what stands behind; their values may be addresses and are not kept."""
    for name, value in _lowered(headers):
        if value.strip() and (_BEHIND.match(name) or tells_address(value, known)):
            yield name


def _products(headers: Mapping[str, str]) -> Iterator[str]:
    named = dict(_lowered(headers))
    server = re.sub(r"[^\w .-]", " ", named.get("server", "").partition("/")[0]).strip()[:40]
    if server:
        yield server
    for prefix, product in _PRODUCTS.items():
        if any(name.startswith(prefix) for name in named) and product.lower() not in server.lower():
            yield product


def _lowered(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield name and value, each name once: what is repeated tells nothing new."""
    yield from sorted({name.lower(): value for name, value in headers.items()}.items())


PROBE = Probe(
    "Seven requests without a key for pages that tell versions, and one short chat with the key.", 8, 45.0, _look
)
