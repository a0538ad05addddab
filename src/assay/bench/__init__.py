"""How fast, how reliable and how heavy is a server under load, and can the figures be believed?

Load and a clock come in, request events and resource samples go out; figures are derived from those alone.
"""

from assay.bench.definitions import DEFINITIONS
from assay.bench.figures import Stored, cells_of
from assay.bench.ladder import ladders_of
from assay.bench.load import CellSpec, Ended, Instruments, measure
from assay.bench.plots import plots_of
from assay.bench.prompts import SHAPES, BenchPrompt, from_suites, shaped
from assay.bench.sent import Sent
from assay.bench.series import counted, latencies_of
from assay.bench.table import write_csv

__all__ = [
    "DEFINITIONS",
    "SHAPES",
    "BenchPrompt",
    "CellSpec",
    "Ended",
    "Instruments",
    "Sent",
    "Stored",
    "cells_of",
    "counted",
    "from_suites",
    "ladders_of",
    "latencies_of",
    "measure",
    "plots_of",
    "shaped",
    "write_csv",
]
