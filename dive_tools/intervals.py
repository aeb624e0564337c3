"""Intervals that hold the truth in 95 of 100 draws: of a share by its formula, of any mean by resampling."""

from __future__ import annotations

import math
from collections.abc import Sequence

LEVEL = 0.95
Z = 1.959964  # of the standard normal distribution: 95 % lies between -Z and Z
RESAMPLES = 10_000
FEWEST = 10  # values; of fewer the bootstrap is too narrow: it covers the truth in 70 to 90 % of draws, not in 95 %
_AT_ONCE = 1_000  # resamples drawn at once, which bounds the memory


def wilson(count: float, of: int) -> tuple[float, float]:
    """The ends of the 95 % score interval of a share.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22 (1927), 209-212. Of a mean of values from 0 to 1, whose sum is `count`, it is rather
    too wide, since no values of that mean vary more than those that are 0 or 1.
    """
    p, spread = count / of, Z * Z / of
    centre = p + spread / 2
    half = math.sqrt(max(0.0, spread * (p * (1 - p) + spread / 4)))
    return max(0.0, (centre - half) / (1 + spread)), min(1.0, (centre + half) / (1 + spread))


def bootstrap(values: Sequence[float], seed: int = 0) -> tuple[float, float] | None:
    """The 95 % percentile bootstrap interval of the mean.

    None of fewer than FEWEST values, and where all are the same: resampling says nothing there. Drawing values with
    replacement draws how often each distinct one comes from a multinomial distribution, and there are few distinct
    ones (Efron and Tibshirani 1993, An Introduction to the Bootstrap, chapters 6 and 13).
    """
    import numpy as np

    distinct, counts = np.unique(np.asarray(values, dtype=float), return_counts=True)
    if len(values) < FEWEST or len(distinct) < 2:
        return None
    rng, size = np.random.default_rng(seed), len(values)
    drawn = [rng.multinomial(size, counts / size, size=_AT_ONCE) @ distinct for _ in range(RESAMPLES // _AT_ONCE)]
    low, high = np.quantile(np.concatenate(drawn) / size, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)
