#!/usr/bin/env python3
"""Does the gate keep its stated error rate of 5 %, and what do common shortcuts come to?

python benchmarks/gate/error_rates.py > figures.md

All draws have fixed seeds, so the tables are the same again with the same numpy. A share that must stay within the
level is marked * where it is above it within the noise of the simulation, and ** beyond, or where it is an exact sum.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the gate is asked as its tests ask it

import intervals
import pairs
import rates
import stopping
from tables import Shares


def main() -> None:
    """Print all tables, and below them every share above the level."""
    started, shares = time.process_time(), Shares()
    rates.thresholds(shares)
    rates.trials(shares)
    intervals.rates()
    intervals.means(shares)
    intervals.clusters(shares)
    intervals.percentiles(shares)
    pairs.noninferiority(shares)
    pairs.better(shares)
    stopping.rates(shares)
    stopping.pairs(shares)
    print(f"\n### Above 5 %\n\n{shares.told()}")
    print(f"{time.process_time() - started:.0f} s of processor", file=sys.stderr)


if __name__ == "__main__":
    main()
