"""Measuring a model on a split of a data set: `bonescan evaluate --data data/NAME/dataset.yaml`.

The way of an evaluation (`evaluation.evaluate`): each scan is read once (`read_split`); all scans become flat tables of
true boxes and detections, matched by one rule (`matching.pool`); each figure (`figures`) is a function of how often
every patient counts (`bootstrap`): once each gives its value, draws with replacement its interval; `measured` has all
figures of a model; `report` writes them down.
"""
