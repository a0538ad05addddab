"""Who took the host's processor time while a measurement ran?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assay.bench.process import tree_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import psutil

    from assay.bench.process import Watched

__all__ = ["ProcessorTime"]


class ProcessorTime:
    """Processor time since `start`: of the harness, of the server, and of everybody else on the host."""

    def __init__(self, server: Watched, clock: Callable[[], int]) -> None:
        """Note where all counters stand; `start` reads better."""
        self._server = server
        self._clock = clock
        self._began = self._now()

    @classmethod
    def start(cls, server: Watched, *, clock: Callable[[], int]) -> ProcessorTime:
        """Note where all counters stand.

        Args:
            server: whose processor time is not held against the host.
            clock: monotonic nanoseconds.
        """
        return cls(server, clock)

    def share(self) -> tuple[float | None, float | None]:
        """Return the shares since the start: of others in the time of all cores, of this process in that of one core.

        The first is None where the server runs here and its processes cannot be seen, for then its time cannot be told
        from that of others, and where it ended meanwhile. Time that a hypervisor took away counts as others'.
        Descendants count with what their parent inherited of them when they ended.
        """
        before, now = self._began, self._now()
        elapsed_s = (now.at_ns - before.at_ns) / 1e9
        total_s = now.total_s - before.total_s
        own_s = now.own_s - before.own_s
        own = None if elapsed_s <= 0 else round(max(0.0, own_s / elapsed_s), 4)
        if total_s <= 0 or now.server_s is None or before.server_s is None:
            return None, own
        other_s = (now.busy_s - before.busy_s) - own_s - max(0.0, now.server_s - before.server_s)
        return round(min(1.0, max(0.0, other_s / total_s)), 4), own

    def _now(self) -> _Times:
        import psutil

        host = psutil.cpu_times()
        # On Linux the guests' time is part of `user` and `nice` already (proc(5), /proc/stat).
        parts = {name: value for name, value in host._asdict().items() if not name.startswith("guest")}
        total_s = sum(parts.values())
        own = psutil.Process().cpu_times()
        return _Times(
            at_ns=self._clock(),
            total_s=total_s,
            busy_s=total_s - parts["idle"] - parts.get("iowait", 0.0),
            own_s=own.user + own.system,
            server_s=self._server_s(),
        )

    def _server_s(self) -> float | None:
        if not self._server.here:
            return 0.0
        processes = [] if self._server.pid is None else tree_of(self._server.pid)
        times = [_seconds(process) for process in processes]
        return None if not times or times[0] is None else sum(time for time in times if time is not None)


@dataclass(frozen=True, slots=True)
class _Times:
    at_ns: int
    total_s: float
    busy_s: float
    own_s: float
    server_s: float | None


def _seconds(process: psutil.Process) -> float | None:
    """Return a process' time with that of its ended children, so that the sum over a tree loses none of them."""
    import psutil

    try:
        times = process.cpu_times()
    except psutil.Error:
        return None
    return times.user + times.system + times.children_user + times.children_system
