"""How well the number of boxes shown on a scan agrees with the true number.

Lin's concordance correlation coefficient, 1 where both numbers are equal on every scan (Lin, Biometrics 45, 1989), with
moments over n scans; and Bland and Altman's bias and limits of agreement, mean difference +- 1.96 standard deviations
(Lancet 327, 1986).
"""

from __future__ import annotations

import numpy as np

from bonescan_yolo.evaluate.bootstrap import Sampled, Weights, divide, totals
from bonescan_yolo.evaluate.matching.pool import CLASSES, Pool

LIMITS = 1.96
"""Standard deviations to each side of the mean that hold 95 % of a normal distribution."""


def agreement_figures(pool: Pool, weights: Weights, threshold: float) -> dict[str, Sampled]:
    """Return concordance, bias (predicted less true) and limits of agreement by class."""
    figures: dict[str, Sampled] = {}
    scans = totals(weights, pool.patients)
    for class_id, name in CLASSES:
        true = pool.count_true(class_id).astype(np.float64)
        found = pool.count_found(class_id, threshold).astype(np.float64)
        mean_true, mean_found, true_squares, found_squares, products = (
            divide(totals(weights, pool.patients, amounts), scans)
            for amounts in (true, found, true**2, found**2, true * found)
        )
        bias = mean_found - mean_true
        spread_true, spread_found = true_squares - mean_true**2, found_squares - mean_found**2
        shared = products - mean_true * mean_found
        concordance = divide(2 * shared, np.maximum(spread_true + spread_found, 0) + bias**2)
        deviation = np.sqrt(np.maximum(spread_true + spread_found - 2 * shared, 0))
        same = f"every scan has the same number of {name} boxes, true and predicted"
        figures |= {
            f"number/concordance/{name}": Sampled(concordance, same),
            f"number/bias/{name}": Sampled(bias),
            f"number/limit_low/{name}": Sampled(bias - LIMITS * deviation),
            f"number/limit_high/{name}": Sampled(bias + LIMITS * deviation),
        }
    return figures
