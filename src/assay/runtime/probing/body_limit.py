"""Up to which size does the server take the body of a request?

The body grows by blanks before its JSON, which mean nothing there (RFC 8259, section 2): whoever refuses it does so for
its size alone, and no model has to read it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from assay.runtime.probing.probing import Probe
from assay.runtime.probing.wire import Ask

if TYPE_CHECKING:
    from assay.runtime.probing.probing import Probing
    from assay.runtime.probing.wire import Reply

__all__ = ["PROBE"]

_KIB: Final = 1 << 10
# Beyond the limits that are known: nginx 1 MB, TGI 2 MB, Ollama 20 MB (docs of each; a photograph in base64 fits).
_SIZES: Final = (64 * _KIB, 1536 * _KIB, 6144 * _KIB, 24576 * _KIB)
_OK: Final = 200
_TIMEOUT_S: Final = 20.0
_NAMES_SIZE: Final = re.compile(rb"too (?:large|big|long)|size|length|\bbytes?\b|limit|maximum|exceed", re.IGNORECASE)


async def _look(probing: Probing) -> None:
    """Ask with a small body, with growing ones until one is not taken, and with a small one again."""
    body = json.dumps(probing.chat(f"{probing.subject.nonce} body: say yes", max_tokens=1)).encode()
    small = await _ask(probing, "small", body, f"with {len(body)} bytes")
    if small.status != _OK:
        return
    for size in _SIZES:
        grown = await _ask(probing, "grown", body.rjust(size), f"with {size // _KIB} KiB")
        if grown.status != _OK:
            break
    await _ask(probing, "again", body, f"with {len(body)} bytes again")


async def _ask(probing: Probing, step: str, body: bytes, said: str) -> Reply:
    def shows(reply: Reply) -> dict[str, int | bool]:
        refusal = reply.status is not None and reply.status != _OK
        return {"bytes": len(body), "names_size": refusal and _NAMES_SIZE.search(reply.body[:2000]) is not None}

    return await probing.ask(Ask(step, "POST", probing.chat_path, said, body=body, timeout_s=_TIMEOUT_S), shows)


PROBE = Probe(
    "A chat of one token, four times with blanks before it up to 24 MiB, until one is refused.",
    len(_SIZES) + 2,
    60.0,
    _look,
)
