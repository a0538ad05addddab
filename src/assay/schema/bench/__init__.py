"""How fast and how heavy is it: events of each request, resource samples, figures of each measurement."""

from assay.schema.bench.account import ClientError, CounterFigures, GpuMemory, Memory, ServerAccount
from assay.schema.bench.cell import (
    BenchCell,
    Ceiling,
    Ladder,
    Percentile,
    Reason,
    Repeat,
    Validity,
)
from assay.schema.bench.event import RequestEvent, ServerTimings
from assay.schema.bench.imported import (
    ImportedBenchmark,
    ImportedFigure,
    ImportedLoad,
    ImportedMeasure,
    ImportedStatistic,
    ImportedUnit,
    ImportedWarning,
)
from assay.schema.bench.load import LoadKey, SeriesKey
from assay.schema.bench.sample import CounterSample, GpuUse, Measurement, ResourceSample

__all__ = [
    "BenchCell",
    "Ceiling",
    "ClientError",
    "CounterFigures",
    "CounterSample",
    "GpuMemory",
    "GpuUse",
    "ImportedBenchmark",
    "ImportedFigure",
    "ImportedLoad",
    "ImportedMeasure",
    "ImportedStatistic",
    "ImportedUnit",
    "ImportedWarning",
    "Ladder",
    "LoadKey",
    "Measurement",
    "Memory",
    "Percentile",
    "Reason",
    "Repeat",
    "RequestEvent",
    "ResourceSample",
    "SeriesKey",
    "ServerAccount",
    "ServerTimings",
    "Validity",
]
