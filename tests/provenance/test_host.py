"""Does the host say what it is, and nothing that nobody looked for?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from assay.provenance import look_at_host

if TYPE_CHECKING:
    from pathlib import Path


def test_this_machine() -> None:
    """The machine under the test has cores and memory."""
    host = look_at_host()
    assert 1 <= host.cores <= (os.cpu_count() or 1)
    assert host.memory_bytes > 64 * 1024 * 1024
    assert host.system
    assert host.machine


def test_accelerators_that_the_driver_shows(tmp_path: Path) -> None:
    """Each device of the NVIDIA driver is named in the order of its address; one without a name still counts."""
    for address, lines in [("0000:41:00.0", "Model: \t\t NVIDIA H200\nIRQ: 22\n"), ("0000:01:00.0", "IRQ: 7\n")]:
        folder = tmp_path / "driver" / "nvidia" / "gpus" / address
        folder.mkdir(parents=True)
        (folder / "information").write_text(lines)
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: A Processor: 3 GHz\n")
    host = look_at_host(tmp_path)
    assert host.accelerators == ("NVIDIA device without a name", "NVIDIA H200")
    assert host.processor == "A Processor: 3 GHz"


def test_no_accelerator_and_nobody_looked_differ(tmp_path: Path) -> None:
    """A machine without the driver has none; one without /proc was not looked at; neither names a processor."""
    assert look_at_host(tmp_path).accelerators == ()
    host = look_at_host(tmp_path / "missing")
    assert host.accelerators is None
    assert host.processor == "unknown"
