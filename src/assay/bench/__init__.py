"""How fast, how reliable and how heavy is a server under load, and can the figures be believed?

Load and a clock come in, request events and resource samples go out; figures are derived from those alone.
"""

from assay.bench.figures import cells_of, latencies_of
from assay.bench.load import CellSpec, Sent, measure
from assay.bench.process import ProcessorTime, Watched, server_pid, watched
from assay.bench.prompts import BenchPrompt, prompt
from assay.bench.resources import sampling
from assay.bench.table import write_csv
from assay.bench.watching import counting

__all__ = [
    "BenchPrompt",
    "CellSpec",
    "ProcessorTime",
    "Sent",
    "Watched",
    "cells_of",
    "counting",
    "latencies_of",
    "measure",
    "prompt",
    "sampling",
    "server_pid",
    "watched",
    "write_csv",
]
