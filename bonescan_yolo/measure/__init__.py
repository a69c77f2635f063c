"""Outline hot spots inside their boxes and measure them: area, uptake ratios, and a planar burden index per study.

    Reading -> outlines (pixels) -> hot_spots (figures per scan) -> studies (both views) -> JSON, PNG, COCO, CSV

It needs only what reading a scan needs. Run it with `bonescan measure`.
"""
