"""Figures as text."""

from __future__ import annotations

from bonescan_yolo.evaluate.bootstrap import Figure
from bonescan_yolo.evaluate.report.shown_tables import show_difference, show_figure


def test_figures_as_text() -> None:
    cell = show_figure(Figure(0.5, 0.25, 0.75, ""), 2)
    assert (cell.value, cell.interval, cell.note) == ("0.50", "0.25 to 0.75", "")
    assert show_figure(Figure(None, None, None, "no box"), 2).value == "-"
    assert show_figure(Figure(-0.0, -0.0, 0.0, ""), 1).value == "0.0"
    assert show_difference(Figure(0.5, 0.25, 0.75, ""), 2).value == "+0.50"
    assert show_difference(Figure(0.5, 0.25, 0.75, ""), 2).clear
    assert not show_difference(Figure(0.5, -0.25, 0.75, ""), 2).clear
    nothing = show_difference(Figure(-0.0001, -0.0002, -0.00005, ""), 3)
    assert (nothing.value, nothing.interval, nothing.clear) == ("0.000", "0.000 to 0.000", False)
    assert show_difference(Figure(None, None, None, "no box"), 2).value == "-"
