"""Self-contained files: a scan in, its boxes out, and if wanted a map of its bones.

`bonescan export` writes them (`export.kinds.app`). Their thresholds and the switch of the map are initializers: a
reader gives its own when it opens a session, so one session reads with one setting.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.errors import ModelError
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.onnx_file import OnnxFile, open_session
from bonescan_yolo.model.onnx_wire import BOOL, FLOAT, TensorForm
from bonescan_yolo.model.runtime import MAX_DETECTIONS, Detections, Shown, fits, mismatch, run_session, unsound
from bonescan_yolo.regions.region_map import STRIDE
from bonescan_yolo.regions.region_names import BONES

SCAN_INPUT: Final = "scan"
BOXES_OUTPUT, ABNORMAL_OUTPUT, REGIONS_OUTPUT = "boxes", "scan_abnormal_confidence", "regions"
CONFIDENCE, IOU, WITH_REGIONS = "confidence", "iou", "with_regions"
"""Names of the input, the outputs, and the initializers that a reader may replace."""

TABLE_COLUMNS: Final = 6
"""x1 y1 x2 y2 confidence class."""

FORMS: Final = {
    CONFIDENCE: TensorForm(FLOAT, (len(CLASS_NAMES),)),
    IOU: TensorForm(FLOAT, ()),
    WITH_REGIONS: TensorForm(BOOL, ()),
}
"""Types and shapes of the initializers; the last one is in files that see bones."""


class AppLayout:
    """A self-contained file with one setting."""

    def __init__(
        self, file: OnnxFile, card: ModelCard, shown: Shown, threads: int = 0, *, regions: bool = False
    ) -> None:
        """Open a session.

        Args:
            file: of this layout.
            card: the file's.
            shown: which boxes; the rescoring is that of the file.
            threads: CPU threads; 0 means one per core.
            regions: whether the map of bones is wanted; a file without one gives none.

        Raises:
            ModelError: the file does not match its card, or cannot be loaded.
        """
        sees_bones = WITH_REGIONS in file.constants
        self._name = str(file.path)
        self._n_classes = len(card.class_names)
        self._map_shape = (len(BONES), card.input_height // STRIDE, card.input_width // STRIDE)
        self._outputs = [BOXES_OUTPUT, ABNORMAL_OUTPUT, *([REGIONS_OUTPUT] if regions and sees_bones else [])]
        values: dict[str, NDArray[Any]] = {
            CONFIDENCE: np.array(shown.thresholds.by_class, np.float32),
            IOU: np.array(shown.iou, np.float32),
            **({WITH_REGIONS: np.array(regions)} if sees_bones else {}),
        }
        if any(file.constants.get(name) != FORMS[name] for name in values):
            raise ModelError(f"{file.path}: has no thresholds that can be set; export it again")
        self._opened = open_session(file, threads, values)
        self._check(file, sees_bones=sees_bones)

    def find(self, grey: NDArray[np.uint8]) -> Detections:
        """See Layout."""
        table, abnormal, *regions = run_session(self._opened.session, self._outputs, {SCAN_INPUT: grey}, self._name)
        if not self._is_sound(table, abnormal):
            raise unsound(self._name)
        if regions and not (regions[0].dtype == np.uint8 and regions[0].shape == self._map_shape):
            raise unsound(self._name)
        return Detections(
            table[:, :4],
            table[:, 4],
            table[:, 5].astype(np.int64),
            float(abnormal),
            cover=regions[0] if regions else None,
        )

    def _check(self, file: OnnxFile, *, sees_bones: bool) -> None:
        """Check that the network's inputs and outputs match the layout; an axis with a name has any size."""
        session = self._opened.session
        wanted: dict[str, tuple[int | None, ...]] = {
            SCAN_INPUT: (None, None),
            BOXES_OUTPUT: (None, TABLE_COLUMNS),
            ABNORMAL_OUTPUT: (),
            **({REGIONS_OUTPUT: (len(BONES), None, None)} if sees_bones else {}),
        }
        values = [*session.get_inputs(), *session.get_outputs()]
        sound = [value.name for value in values] == list(wanted) and not session.get_overridable_initializers()
        if not sound or not all(fits(value.shape, wanted[value.name]) for value in values):
            raise mismatch(file.path, values)

    def _is_sound(self, table: NDArray[Any], abnormal: NDArray[Any]) -> bool:
        """Return whether the file gave boxes, confidences and classes, and nothing else."""
        if table.dtype != np.float32 or abnormal.dtype != np.float32 or abnormal.size != 1:
            return False
        if table.ndim != len(("box", "column")) or table.shape[1] != TABLE_COLUMNS:
            return False
        confidences = np.append(table[:, 4], abnormal)
        return (
            len(table) <= MAX_DETECTIONS
            and bool(np.isfinite(table).all())
            and bool(((confidences >= 0) & (confidences <= 1)).all())  # False for what is not a number
            and bool(np.isin(table[:, 5], range(self._n_classes)).all())
            and bool((table[:, :2] <= table[:, 2:4]).all())
        )
