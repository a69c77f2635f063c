"""Figures of boxes as shown: hits and false boxes, and how well their number agrees.

The agreement of numbers per scan is Lin's concordance correlation coefficient, 1 if both numbers are equal on every
scan (Lin, Biometrics 45, 1989), with moments over n scans; and Bland and Altman's bias and limits of agreement, mean
difference +- 1.96 standard deviations (Lancet 327, 1986).
"""

from __future__ import annotations

import numpy as np

from bonescan_yolo.evaluate.bootstrap import Sampled, Weights, divide, totals
from bonescan_yolo.evaluate.matching.pool import CLASSES, PooledScans
from bonescan_yolo.model.thresholds import Thresholds

LIMITS = 1.96
"""Standard deviations to each side of the mean that contain 95 % of a normal distribution."""


def hit_figures(pool: PooledScans, weights: Weights, thresholds: Thresholds) -> dict[str, Sampled]:
    """Return precision, recall, F1 and false boxes per scan by class, as `hits.HitScore` defines them.

    Args:
        pool: the scans.
        weights: how often each patient counts.
        thresholds: above which detections are shown.
    """
    figures: dict[str, Sampled] = {}
    scans = totals(weights, pool.patients)
    for class_id, name in CLASSES:
        shown = (pool.detections.classes == class_id) & pool.shown(thresholds)
        found = totals(weights, pool.detections.patients[shown])
        right = totals(weights, pool.detections.patients[shown & pool.is_hit])
        true = totals(weights, pool.truth.patients[pool.truth.classes == class_id])
        no_box, none_shown = f"no {name} box in the truth", f"no {name} box is shown"
        figures |= {
            f"hits/precision/{name}": Sampled(divide(right, found), none_shown),
            f"hits/recall/{name}": Sampled(divide(right, true), no_box),
            f"hits/f1/{name}": Sampled(divide(2 * right, found + true), f"{no_box}, and {none_shown}"),
            f"hits/false_per_scan/{name}": Sampled(divide(found - right, scans), "no scans"),
        }
    return figures


def number_figures(pool: PooledScans, weights: Weights, thresholds: Thresholds) -> dict[str, Sampled]:
    """Return concordance, bias (shown less true) and limits of agreement of the number of boxes per scan, by class.

    Args:
        pool: the scans.
        weights: how often each patient counts.
        thresholds: above which detections are shown.
    """
    figures: dict[str, Sampled] = {}
    scans = totals(weights, pool.patients)
    for class_id, name in CLASSES:
        true = pool.count_true(class_id).astype(np.float64)
        found = pool.count_found(class_id, thresholds).astype(np.float64)
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
