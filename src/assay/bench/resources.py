"""How much memory does the server hold while it is under load?"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from assay.schema.bench import ResourceSample

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import psutil

    from assay.bench.load import CellSpec

__all__ = ["sample", "sampling"]

_PERIOD_S = 0.25


def sample(pid: int, cell: CellSpec, at_us: int) -> ResourceSample | None:
    """Return the memory of a process and all its descendants, or None once it has ended or may not be looked at.

    Pages that two processes of the tree use together count in each. On Linux the part without file pages is resident
    minus file-backed and shared memory, both from `/proc/PID/statm` (proc(5)): reading `smaps_rollup` would be more
    exact by a few pages, and would stop a large server for milliseconds to walk its page tables.

    Args:
        pid: root of the server's process tree.
        cell: measurement that runs meanwhile.
        at_us: microseconds since its start.
    """
    import psutil

    try:
        root = psutil.Process(pid)
        rss, anonymous = _memory(root)
        children = root.children(recursive=True)
    except psutil.Error:
        return None
    for child in children:
        try:
            child_rss, child_anonymous = _memory(child)
        except psutil.Error:
            continue  # it ended between two looks
        rss += child_rss
        anonymous = None if anonymous is None or child_anonymous is None else anonymous + child_anonymous
    return ResourceSample(
        candidate=cell.candidate,
        profile=cell.profile,
        concurrency=cell.concurrency,
        at_us=at_us,
        rss_bytes=rss,
        anonymous_bytes=anonymous,
        host_available_bytes=psutil.virtual_memory().available,
    )


@asynccontextmanager
async def sampling(
    pid: int, cell: CellSpec, *, record: Callable[[ResourceSample], None], clock: Callable[[], int]
) -> AsyncIterator[None]:
    """Take a sample at once, every 250 ms while the block runs, and at its end.

    Looking is done in a thread, `record` is called in the event loop.

    Args:
        pid: root of the server's process tree; it may end at any time.
        cell: measurement that runs in the block.
        record: takes each sample.
        clock: monotonic nanoseconds.
    """
    start_ns = clock()

    async def look() -> None:
        seen = await asyncio.to_thread(sample, pid, cell, (clock() - start_ns) // 1000)
        if seen is not None:
            record(seen)

    async def watch() -> None:
        while True:
            await asyncio.sleep(_PERIOD_S)
            await look()

    await look()
    watcher = asyncio.create_task(watch())
    try:
        yield
    finally:
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)
        await look()


def _memory(process: psutil.Process) -> tuple[int, int | None]:
    """Return resident bytes, and those of them that no file backs where the system says it (Linux)."""
    memory = process.memory_info()
    file_backed = getattr(memory, "shared", None)
    return memory.rss, None if file_backed is None else memory.rss - file_backed
