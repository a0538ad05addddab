"""Which web pages may read the server's answers in a user's browser?

A page may when the answer names its origin, or any, in `Access-Control-Allow-Origin` (Fetch standard, CORS protocol);
with `Access-Control-Allow-Credentials: true` beside it the browser's own credentials go along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assay.runtime.probing.probing import Probe
from assay.runtime.probing.wire import Ask

if TYPE_CHECKING:
    from assay.runtime.probing.probing import Probing
    from assay.runtime.probing.wire import Reply

__all__ = ["PROBE"]

# RFC 2606 keeps .invalid free: no server allows these origins on purpose.
_ORIGIN = "https://origin.invalid"
_PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


async def _look(probing: Probing) -> None:
    """Ask as a page of a foreign origin would, first the browser's question and then the page's own."""

    def shows(reply: Reply) -> dict[str, bool]:
        allowed = reply.headers.get("Access-Control-Allow-Origin", "")
        return {"any_origin": allowed == "*", "reflected": allowed in {_ORIGIN, "null"}}

    origin = {"Origin": _ORIGIN}
    asks = [
        Ask("preflight", "OPTIONS", probing.chat_path, "from a foreign origin", "none", {**origin, **_PREFLIGHT}),
        Ask("read", "GET", "/v1/models", "from a foreign origin", "own", origin),
        Ask("null-origin", "GET", "/v1/models", "from the origin null", "own", {"Origin": "null"}),
    ]
    for ask in asks:
        await probing.ask(ask, shows)


PROBE = Probe("Three requests as a script on a web page of another site sends them.", 3, 30.0, _look)
