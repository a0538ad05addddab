"""How much memory does the server hold while it is under load?"""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assay.bench.gpu import Gpus
from assay.bench.process import tree_of
from assay.bench.watching import watching
from assay.schema.bench import ResourceSample

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    import psutil

    from assay.bench.process import Watched
    from assay.bench.watching import Moment

__all__ = ["Look", "sampling"]

_PERIOD_S = 0.25
_LOOKS_WITH_ONE_TREE = 4
"""Looks in a row at the same processes: to find new ones, every process of the host is read."""
_PROC: Final = Path("/proc")
_PSS = re.compile(rb"^Pss:\s+(\d+) kB$", re.MULTILINE)


class Look:
    """Looks at one server's memory, from the same thread or one after the other; `close` lets go of the driver."""

    def __init__(self, server: Watched, fields: Mapping[str, object], proc: Path = _PROC) -> None:
        """Open what is needed to look.

        Args:
            server: whose memory it is.
            fields: where each sample belongs: the fields of the load, `series` and `repeat`.
            proc: where Linux shows its processes.
        """
        import psutil

        self._server = server
        self._fields = fields
        self._proc = proc
        self._gpus = Gpus(psutil.pid_exists) if server.here else None
        self._tree: list[psutil.Process] = []
        self._looks = 0

    def close(self) -> None:
        """Let go of the graphics driver."""
        if self._gpus is not None:
            self._gpus.close()

    def at(self, at_us: int, moment: Moment) -> ResourceSample | None:
        """Return the memory of the server's process tree, of the host, and of its graphics processors.

        Pages that two processes of the tree use together count in each, but not in PSS, which is read before and after
        the load only: for `smaps_rollup` the kernel walks the page tables, and a large server stands still for
        milliseconds. The part without file pages is resident minus file-backed and shared memory, both from
        `/proc/PID/statm` (proc(5)).

        Args:
            at_us: microseconds since the measurement began.
            moment: before the load, under it, or after it.

        Returns:
            None for a server that is elsewhere, and once its process has ended.
        """
        import psutil

        if self._gpus is None:
            return None
        tree = _Memory(None, None, None)
        if self._server.pid is not None:
            edge = moment != "under load"
            if edge or self._looks % _LOOKS_WITH_ONE_TREE == 0:
                self._tree = tree_of(self._server.pid)
            self._looks += 1
            tree = self._of_tree(with_pss=edge)
            if tree.rss is None:
                return None
        return ResourceSample.model_validate(
            {
                **self._fields,
                "at_us": at_us,
                "rss_bytes": tree.rss,
                "anonymous_bytes": tree.anonymous,
                "pss_bytes": tree.pss,
                "host_available_bytes": psutil.virtual_memory().available,
                "gpus": self._gpus.look(frozenset(process.pid for process in self._tree)),
            }
        )

    def _of_tree(self, *, with_pss: bool) -> _Memory:
        """Return the sums over the tree; all None once its root has ended or may not be looked at."""
        import psutil

        rss, parts, shares = 0, list[int | None](), list[int | None]()
        for position, process in enumerate(self._tree):
            try:
                memory = process.memory_info()
            except psutil.Error:
                if position == 0:
                    return _Memory(None, None, None)
                continue  # it ended between two looks
            rss += memory.rss
            file_backed = getattr(memory, "shared", None)
            parts.append(None if file_backed is None else memory.rss - file_backed)
            shares.append(self._pss(process.pid) if with_pss else None)
        return _Memory(rss if parts else None, _sum(parts), _sum(shares))

    def _pss(self, pid: int) -> int | None:
        try:
            found = _PSS.search((self._proc / str(pid) / "smaps_rollup").read_bytes())
        except OSError:
            return None
        return int(found[1]) * 1024 if found else None


@asynccontextmanager
async def sampling(
    watched: Watched,
    fields: Mapping[str, object],
    *,
    record: Callable[[ResourceSample], None],
    clock: Callable[[], int],
) -> AsyncIterator[None]:
    """Take a sample at once, every 250 ms while the block runs, and at its end.

    Args:
        watched: the server; its process may end at any time. Of one that is elsewhere no sample is taken.
        fields: where each sample belongs: the fields of the load, `series` and `repeat`.
        record: takes each sample, in the event loop.
        clock: monotonic nanoseconds.
    """
    if not watched.here:
        yield
        return
    look = await asyncio.to_thread(Look, watched, fields)
    try:
        async with watching(look.at, every_s=_PERIOD_S, record=record, clock=clock):
            yield
    finally:
        await asyncio.to_thread(look.close)


@dataclass(frozen=True, slots=True)
class _Memory:
    """Bytes of a process tree; None where the system does not say."""

    rss: int | None
    anonymous: int | None
    pss: int | None


def _sum(parts: list[int | None]) -> int | None:
    """Return a sum, or None when a part of it is not known."""
    known = [part for part in parts if part is not None]
    return sum(known) if known and len(known) == len(parts) else None
