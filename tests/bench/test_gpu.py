"""What the driver says of its processors is kept, what it does not say is None, and no driver is no error."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from assay.bench.gpu import Gpus
from assay.schema.bench import GpuUse

if TYPE_CHECKING:
    from collections.abc import Callable

GIB = 2**30


class NVMLError(Exception):
    """As in pynvml: the base of all its errors."""


def refuse(*_: object) -> Any:  # noqa: ANN401
    raise NVMLError("not supported")


@pytest.fixture
def nvml(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401
    """Put a driver with two processors in the place of pynvml; a device's handle is its index."""
    fake: Any = ModuleType("pynvml")
    fake.NVMLError = NVMLError
    fake.opened = 0
    fake.processes = {0: [], 1: []}

    def open_it() -> None:
        fake.opened += 1

    def close_it() -> None:
        fake.opened -= 1

    fake.nvmlInit = open_it
    fake.nvmlShutdown = close_it
    fake.nvmlDeviceGetCount = lambda: 2
    fake.nvmlDeviceGetHandleByIndex = lambda index: index
    fake.nvmlDeviceGetName = lambda handle: f"Card {handle}"
    fake.nvmlDeviceGetMemoryInfo = lambda handle: SimpleNamespace(total=80 * GIB, used=(handle + 1) * GIB, free=0)
    fake.nvmlDeviceGetComputeRunningProcesses = lambda handle: list(fake.processes[handle])
    fake.nvmlDeviceGetGraphicsRunningProcesses = refuse
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    return fake


def process(pid: int, used: int | None) -> SimpleNamespace:
    return SimpleNamespace(pid=pid, usedGpuMemory=used)


def seen(pids: set[int], exists: Callable[[int], bool] = lambda _: True) -> list[int | None]:
    """Return the server's memory on each processor."""
    gpus = Gpus(exists)
    try:
        return [use.process_bytes for use in gpus.look(pids)]
    finally:
        gpus.close()


def test_devices(nvml: Any) -> None:  # noqa: ANN401
    """Each processor has its index, its name, and its memory in use and at all; the driver is let go of once."""
    gpus = Gpus(lambda _: True)
    assert gpus.look(frozenset()) == (
        GpuUse(index=0, name="Card 0", used_bytes=GIB, total_bytes=80 * GIB),
        GpuUse(index=1, name="Card 1", used_bytes=2 * GIB, total_bytes=80 * GIB),
    )
    assert nvml.opened == 1
    gpus.close()
    gpus.close()
    assert nvml.opened == 0
    assert gpus.look(frozenset()) == ()


def test_memory_of_the_server(nvml: Any) -> None:  # noqa: ANN401
    """The server's processes are added up; a processor that lists none of them has none of its memory."""
    nvml.processes = {0: [process(7, GIB), process(8, 2 * GIB), process(9, 4 * GIB)], 1: [process(9, GIB)]}
    assert seen({7, 8}) == [3 * GIB, 0]


def test_a_process_in_both_lists_counts_once(nvml: Any) -> None:  # noqa: ANN401
    """A process that computes and draws has its memory once."""
    nvml.processes = {0: [process(7, GIB)], 1: []}
    nvml.nvmlDeviceGetGraphicsRunningProcesses = lambda handle: list(nvml.processes[handle])
    assert seen({7}) == [GIB, 0]


@pytest.mark.parametrize("listed", [[], [process(4711, GIB)]], ids=["none listed", "other ids"])
def test_another_namespace(nvml: Any, listed: list[SimpleNamespace]) -> None:  # noqa: ANN401
    """In a container the driver lists the host's ids or none: the server's part is not known."""
    nvml.processes = {0: listed, 1: []}
    assert seen({7}) == [None, None]


def test_an_id_that_fits_by_chance(nvml: Any) -> None:  # noqa: ANN401
    """Where a listed process does not exist here, the ids are another namespace's, whatever else fits."""
    nvml.processes = {0: [process(7, GIB), process(4711, GIB)], 1: []}
    assert seen({7}, exists=lambda pid: pid == 7) == [None, None]


def test_memory_that_is_not_available(nvml: Any) -> None:  # noqa: ANN401
    """A process whose memory the driver does not tell leaves the sum unknown, there alone."""
    nvml.processes = {0: [process(7, None), process(8, GIB)], 1: [process(8, GIB)]}
    assert seen({7, 8}) == [None, GIB]


def test_processes_that_are_not_listed(nvml: Any) -> None:  # noqa: ANN401
    """A driver that lists no processes at all still tells the memory of the processor."""
    nvml.nvmlDeviceGetComputeRunningProcesses = refuse
    assert seen({7}) == [None, None]


@pytest.mark.parametrize(
    "name", ["nvmlDeviceGetHandleByIndex", "nvmlDeviceGetMemoryInfo", "nvmlDeviceGetName", "nvmlDeviceGetCount"]
)
def test_what_the_driver_refuses(nvml: Any, name: str) -> None:  # noqa: ANN401
    """A processor that may not be looked at is left out."""
    setattr(nvml, name, refuse)
    assert seen({7}) == []


def test_no_driver(nvml: Any) -> None:  # noqa: ANN401
    """Without a driver there are no processors, and nothing to let go of."""
    nvml.nvmlInit = refuse
    nvml.nvmlShutdown = pytest.fail
    assert seen({7}) == []


def test_a_driver_that_cannot_be_closed(nvml: Any) -> None:  # noqa: ANN401
    """An error at the end is no error of the measurement."""
    nvml.nvmlShutdown = refuse
    assert seen(set()) == [None, None]


def test_no_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra there are no processors."""
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert seen({7}) == []
