"""Measuring a model on a split of a data set: `python -m bonescan_yolo.evaluate --data data/NAME/dataset.yaml`.

Scans are read once (`reading`), and become flat tables of true boxes and detections (`pool`). Each figure is a
function of how often every patient counts (`bootstrap`): once each gives its value, draws with replacement its
interval. `figures` gathers them; `report`, `json_file` and `csv_files` write them down.
"""
