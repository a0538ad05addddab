"""How does the child process serve one GGUF file: on the loopback, until its parent is gone?

It is started as a script, so it imports nothing of Assay, and its memory is the model's. What it does not
write itself comes from llama.cpp and goes to standard error, which the parent has turned into the log file.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import io
    from collections.abc import Sequence

    import xllamacpp

__all__ = ["main"]


def main(arguments: Sequence[str]) -> None:
    """Load the model, write `{"address": "http://127.0.0.1:PORT"}` to standard output, and serve.

    Ends when standard input ends: the parent closed it, or was killed and the system closed it.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--slots", type=int, required=True)
    parser.add_argument("--context", type=int, required=True)
    options = parser.parse_args(arguments)
    announcements = _own_standard_output()
    # The server stops when it is collected, so it is kept in a name.
    server = _serve(options.weights, options.name, options.slots, options.context)
    announcements.write(json.dumps({"address": server.listening_address}) + "\n")
    announcements.close()
    sys.stdin.buffer.read()
    # No orderly end: threads of the library may still be decoding, and nothing is left to save.
    os._exit(0)


def _own_standard_output() -> io.TextIOWrapper:
    """Return the standard output for us alone; whatever else writes there reaches the log."""
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return own


def _serve(weights: str, name: str, slots: int, context: int) -> xllamacpp.Server:
    """Start the server; it listens, with the model loaded, when this returns."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = weights
    parameters.model_alias = {name}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_parallel = slots
    parameters.n_ctx = slots * context
    # One thread fewer would suffer less from a core that is busy elsewhere (the threads wait for each other in a
    # spin), but with several slots on two idle cores it decodes only little more than half as fast.
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = _usable_cores()
    parameters.endpoint_metrics = True
    # llama.cpp would keep up to 8 GiB of earlier prompts in host memory, and the memory measured would be that cache's.
    parameters.cache_ram_mib = 0
    # By default llama.cpp reflects any origin, and every web page on this machine could use the model.
    parameters.cors_origins = ""
    parameters.ui = False
    try:
        return xllamacpp.Server(parameters)
    except RuntimeError as error:
        # The parent quotes the end of the log: a sentence serves there, a traceback does not.
        sys.exit(str(error))


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


if __name__ == "__main__":
    main(sys.argv[1:])
