"""From a triangle mesh of a bone to points that fill it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Points = NDArray[np.float64]
Triangles = NDArray[np.int64]

JITTER = 0.5
"""Points are moved by up to this part of a grid step, so that projections show no grid."""


def surface_points(vertices: Points, triangles: Triangles, spacing_mm: float) -> Points:
    """Return points on the triangles, no further than about `spacing_mm` apart, shape (N, 3), in mm."""
    corners = vertices[triangles]
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    divisions = np.maximum(1, np.ceil(longest / spacing_mm)).astype(int)
    parts = []
    for count in np.unique(divisions):
        first, second = np.meshgrid(np.arange(count + 1), np.arange(count + 1), indexing="ij")
        inside = first + second <= count
        weights = np.stack([first[inside], second[inside], count - first[inside] - second[inside]], axis=1)
        parts.append(np.einsum("pk,tkc->tpc", weights / count, corners[divisions == count]).reshape(-1, 3))
    return np.concatenate(parts)


def fill(vertices: Points, triangles: Triangles, step_mm: float, rng: np.random.Generator, hollow: bool) -> Points:
    """Return one point per voxel of a bone, shape (N, 3), in mm.

    The surface is drawn into a grid of `step_mm` and its inside filled; of a mesh with a hole only the surface is left.
    `hollow` keeps only the surface on purpose: the inside of the skull is not bone.
    """
    surface = surface_points(vertices, triangles, step_mm / 2)
    origin = surface.min(axis=0) - step_mm
    cells = np.floor((surface - origin) / step_mm).astype(int)
    grid = np.zeros(cells.max(axis=0) + 2, dtype=bool)
    grid[tuple(cells.T)] = True
    if not hollow:
        grid = ndimage.binary_fill_holes(grid)
    centres = np.argwhere(grid) + 0.5
    return np.asarray(origin + (centres + rng.uniform(-JITTER, JITTER, centres.shape)) * step_mm)


def half_thickness(points: Points, step_mm: float, reach_mm: float) -> NDArray[np.float64]:
    """Return the greatest depth below the surface of a filled bone near each of its points, in mm, shape (N,).

    Args:
        points: (N, 3) in mm, one per voxel, as `fill` returns them.
        step_mm: edge of a voxel.
        reach_mm: how far from a point is near.
    """
    cells = np.floor((points - points.min(axis=0)) / step_mm).astype(int) + 1
    grid = np.zeros(cells.max(axis=0) + 2, dtype=bool)
    grid[tuple(cells.T)] = True
    depth = ndimage.distance_transform_edt(ndimage.binary_closing(grid) | grid, sampling=step_mm)
    around = ndimage.maximum_filter(depth, size=2 * round(reach_mm / step_mm) + 1)
    return np.asarray(around[tuple(cells.T)], dtype=np.float64)


def connected_parts(vertices: Points, triangles: Triangles) -> list[tuple[Points, Triangles]]:
    """Split a mesh into its connected parts, from the highest to the lowest.

    Vertices at the same place count as one, so that seams do not split a bone.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    merged, inverse = np.unique(np.round(vertices, 2), axis=0, return_inverse=True)
    faces = inverse.ravel()[triangles]
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]]])
    graph = coo_matrix((np.ones(len(edges)), edges.T), shape=(len(merged), len(merged)))
    count, labels = connected_components(graph, directed=False)
    parts = []
    for part in range(count):
        used, own = np.unique(faces[labels[faces[:, 0]] == part], return_inverse=True)
        parts.append((merged[used], own.reshape(-1, 3)))
    return sorted(parts, key=lambda part: -float(part[0][:, 2].max()))
