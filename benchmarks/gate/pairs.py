"""How often is a candidate wrongly said to be no worse than the baseline, and how often rightly?"""

from __future__ import annotations

from functools import cache

import numpy as np
from tables import Shares, percent, table

from assay.gate.paired import PairedTable, mcnemar_mid_p, tango_limits
from assay.gate.planning import noninferiority_power

RUNS = 20_000


@cache
def tango(n: int, gained: int, lost: int, margin: float) -> bool:
    """Return whether the gate's limit shows that the candidate is not worse by more than the margin."""
    return tango_limits(PairedTable(n - gained - lost, gained, lost, 0), 0.95)[0] >= -margin


@cache
def not_significantly_worse(gained: int, lost: int) -> bool:
    """Return whether a gate passes that blocks only on a significant McNemar test in the wrong direction."""
    return gained >= lost or mcnemar_mid_p(gained, lost) > 0.05  # noqa: PLR2004 - two-sided 5 %, as such gates do


def noninferiority(shares: Shares) -> None:
    """Print the shares that pass at a true difference of minus the margin, and at none."""
    rng, rows = np.random.default_rng(621), []
    for n in (30, 100, 300):
        for margin in (0.02, 0.05, 0.1):
            for discordance in (0.06, 0.1, 0.2):
                if margin > discordance:
                    continue
                chances = [(discordance - margin) / 2, (discordance + margin) / 2, 1 - discordance]
                counts = rng.multinomial(n, chances, RUNS)
                said = np.mean([tango(n, gained, lost, margin) for gained, lost, _ in counts.tolist()])
                weak = np.mean([not_significantly_worse(gained, lost) for gained, lost, _ in counts.tolist()])
                point = np.mean((counts[:, 0] - counts[:, 1]) / n >= -margin - 1e-12)
                exact = noninferiority_power(n, discordance, margin, 0.95, -margin)
                what = f"Tango, n {n}, margin {margin}, discordance {discordance} (exactly {percent(exact)})"
                power = noninferiority_power(n, discordance, margin, 0.95)
                row = [n, margin, discordance, shares.held(float(said), RUNS, what), percent(exact)]
                rows.append([*row, percent(weak), percent(point), percent(power)])
    head = ["n", "margin", "discordance", "passes by Tango", "summed exactly"]
    head += ["by “not significantly worse”", "by the observed difference", "by Tango, no difference (exact)"]
    table(f"Not worse by more than a margin, truly worse by it ({RUNS:,} runs, %)", head, rows)
    worst = max(
        (noninferiority_power(n, discordance, margin, 0.95, -margin), n, margin, discordance)
        for n in range(10, 401, 10)
        for margin in (0.02, 0.03, 0.05, 0.1)
        for discordance in (0.02, 0.04, 0.06, 0.1, 0.2, 0.3)
        if margin <= discordance
    )
    print(
        "\nThe largest exact share for n = 10, 20, ... 400, four margins and six discordances: "
        f"{percent(worst[0])} % with n {worst[1]}, margin {worst[2]}, discordance {worst[3]}."
    )
