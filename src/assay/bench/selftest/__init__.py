"""What does the client itself add to a server's times, measured against a server whose times are known?

A process of its own streams tokens on a fixed schedule and says when it wrote them. What a client sees beyond that is
the client's, and the machine's that both share.
"""

from assay.bench.selftest.error import client_error
from assay.bench.selftest.known import KnownServer, known_server

__all__ = ["KnownServer", "client_error", "known_server"]
