"""Loading a .pt file of this project. Brings torch and Ultralytics."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bonescan_yolo.classes import CLASS_NAMES
from bonescan_yolo.errors import BonescanError
from bonescan_yolo.model.card import ModelCard
from bonescan_yolo.model.runtime import RawLayout
from bonescan_yolo.scan.display import body_level, to_tones


def load_network(weights: Path) -> Any:
    """Return the network of a .pt file, in float32 for inference; call `prepare_ultralytics` before.

    It takes tones (`scan.display.to_tones`), 1 x 1 x height x width, and gives what the ONNX file does.

    Raises:
        BonescanError: the file is missing, cannot be loaded, or is of other classes or channels.
    """
    if not weights.is_file():
        raise BonescanError(f"{weights}: does not exist; train first (`make train`) or give a .pt file")
    from ultralytics import YOLO

    try:
        model = YOLO(str(weights), task="detect").model.float().eval()
        names, channels = list(model.names.values()), int(model.yaml.get("channels", model.yaml.get("ch", 3)))
    except Exception as error:  # pickle, zipfile, torch and Ultralytics each raise their own
        raise BonescanError(f"{weights}: is not a YOLO .pt file that can be loaded; train it again") from error
    if names != list(CLASS_NAMES) or channels != 1:
        raise BonescanError(
            f"{weights}: has classes {names} and {channels} channels, not {list(CLASS_NAMES)} and 1; "
            "fine-tune it with `python -m bonescan_yolo.train --weights`"
        )
    return model


class TorchLayout(RawLayout):
    """The network of a .pt file, asked as its stock ONNX file is."""

    def __init__(self, network: Any, card: ModelCard) -> None:
        """Use a network of `load_network`."""
        super().__init__(card)
        self._network = network
        self._lock = Lock()  # the head keeps its anchors from one call to the next

    def run(self, frame: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See RawLayout."""
        import torch

        with self._lock, torch.inference_mode():
            tones = torch.from_numpy(to_tones(frame, body_level(frame)))
            raw: NDArray[np.float32] = self._network(tones[None, None])[0][0].numpy()
        return raw
