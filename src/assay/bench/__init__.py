"""How fast, how reliable and how heavy is a server under load, and can the figures be believed?

Load and a clock come in, request events and resource samples go out; figures are derived from those alone.
"""

from assay.bench.figures import cells_of, latencies_of
from assay.bench.load import CellSpec, Sent, measure
from assay.bench.prompts import BenchPrompt, prompt
from assay.bench.resources import sample, sampling
from assay.bench.table import write_csv

__all__ = [
    "BenchPrompt",
    "CellSpec",
    "Sent",
    "cells_of",
    "latencies_of",
    "measure",
    "prompt",
    "sample",
    "sampling",
    "write_csv",
]
