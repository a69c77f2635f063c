"""Training sees what prediction sees, whatever the files of a data set are."""

from __future__ import annotations

import logging
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from ultralytics.cfg import get_cfg

from bonescan_yolo.dataset.dataset_yaml import bones_path
from bonescan_yolo.errors import DatasetError
from bonescan_yolo.regions.bone_files import encode_map, read_map
from bonescan_yolo.regions.region_map import STRIDE
from bonescan_yolo.regions.region_names import BONES as NAMED_BONES
from bonescan_yolo.scan import read_scans
from bonescan_yolo.scan.display import body_level, to_tones
from bonescan_yolo.train.augment import BONES
from bonescan_yolo.train.kept_bones import kept_map_path
from bonescan_yolo.train.scan_dataset import BONES_OF, ScanDataset, frame_of
from bonescan_yolo.train.settings import shipped_config_with
from tests.convert.builders import pixels

COUNTS = pixels(1).astype(np.uint16) * 3  # 136 at the most: OpenCV's upper byte of it is 0


def dataset_of(folder: Path, augment: bool = False, split: str = "", bones_share: float = 0.0) -> ScanDataset:
    data = {"names": {0: "abnormal", 1: "normal"}, "channels": 1, "nc": 2}
    return ScanDataset(
        augmentation=shipped_config_with({}).augmentation,
        kept_bones=folder / "kept",
        bones_share=bones_share,
        img_path=str(folder / "images" / split),
        imgsz=1024,
        batch_size=2,
        augment=augment,
        hyp=get_cfg(),
        rect=False,
        prefix="",
        task="detect",
        data=data,
    )


def put(folder: Path, name: str, image: Image.Image, **options: Any) -> Path:
    for kind in ("images", "labels"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    path = folder / "images" / name
    image.save(path, **options)
    (folder / "labels" / f"{path.stem}.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    return path


def coloured(image: np.ndarray) -> Image.Image:
    """Red, green and blue differ by a few levels, so that their weighted and their plain mean do too."""
    return Image.fromarray(np.stack([image, np.clip(image, 4, None) - 4, image], axis=2))


PICTURES: dict[str, tuple[Image.Image, dict[str, Any]]] = {
    "grey.png": (Image.fromarray(pixels(1)), {}),
    "grey.jpg": (Image.fromarray(pixels(1)), {"quality": 90}),
    "counts.png": (Image.fromarray(COUNTS), {}),
    "counts.tif": (Image.fromarray(COUNTS), {}),
    "inverted.png": (Image.fromarray(255 - pixels(1)), {}),
    "colour.png": (coloured(pixels(1)), {}),
    "colour.jpg": (coloured(pixels(1)), {"quality": 95}),
    "palette.png": (Image.fromarray(pixels(1)).convert("P"), {}),
    "bits.bmp": (Image.fromarray(pixels(1)), {}),
    "smaller.png": (Image.fromarray(pixels(1, 200, 512)), {}),
}


@pytest.mark.parametrize("name", PICTURES)
def test_training_sees_what_prediction_sees(name: str, tmp_path: Path) -> None:
    image, options = PICTURES[name]
    path = put(tmp_path, name, image, **options)
    loaded, original, resized = dataset_of(tmp_path).load_image(0)
    (scan,) = read_scans(path)
    assert (original, resized, loaded.shape[2]) == (scan.pixels.shape, loaded.shape[:2], 1)
    assert loaded.dtype == np.uint8
    if max(original) == 1024:
        np.testing.assert_array_equal(loaded[..., 0], scan.grey())
    else:
        assert loaded.shape == (1024, 400, 1)
    assert loaded.max() > 30


def test_a_file_that_ultralytics_saved_beside_an_image_is_not_read(tmp_path: Path) -> None:
    path = put(tmp_path, "1.png", Image.fromarray(COUNTS))
    np.save(path.with_suffix(".npy"), np.zeros((1024, 256, 1), np.uint8))
    assert dataset_of(tmp_path).load_image(0)[0].max() > 30


def test_images_are_kept_in_memory_as_ultralytics_keeps_them(tmp_path: Path) -> None:
    for number in range(3):
        put(tmp_path, f"{number}.png", Image.fromarray(pixels(number)))
    scans = dataset_of(tmp_path, augment=True)
    for index in range(3):
        first, second = scans.load_image(index), scans.load_image(index)
        np.testing.assert_array_equal(first[0], second[0])
        assert first[1:] == second[1:]
    assert [image is None for image in scans.ims] == [True, False, False]


def test_a_file_of_several_scans_has_no_place_in_a_data_set(tmp_path: Path) -> None:
    frames = [Image.fromarray(pixels(number)) for number in (1, 2)]
    put(tmp_path, "two.tif", frames[0], save_all=True, append_images=frames[1:])
    with pytest.raises(DatasetError, match="holds 2 scans; run `bonescan convert yolo`"):
        dataset_of(tmp_path).load_image(0)


def test_a_picture_that_is_no_scan_ends_training_in_words(tmp_path: Path) -> None:
    rainbow = np.random.default_rng(0).integers(0, 255, (1024, 256, 3), dtype=np.uint8)
    put(tmp_path, "photo.png", Image.fromarray(rainbow))
    with pytest.raises(DatasetError, match="is a colour picture"):
        dataset_of(tmp_path).load_image(0)


def test_scans_that_are_left_out_are_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    put(tmp_path, "1.png", Image.fromarray(pixels(1)))
    put(tmp_path, "2.png", Image.fromarray(pixels(2))).write_bytes(b"not a picture")
    logging.getLogger("ultralytics").propagate = True
    with caplog.at_level(logging.WARNING, logger="ultralytics"):
        assert len(dataset_of(tmp_path)) == 1
    assert "1 scans or labels cannot be used and are left out" in caplog.text


def test_maps_of_bones_come_with_the_scans_that_have_them(dataset_with_bones: Path) -> None:
    dataset = dataset_of(dataset_with_bones.parent, augment=True, split="train", bones_share=1.0)
    batch = ScanDataset.collate_fn([dataset[index] for index in range(len(dataset))])
    have = [bones_path(Path(name)).is_file() for name in dataset.im_files]
    assert batch[BONES_OF].tolist() == [place for place, has in enumerate(have) if has]
    rows, columns = (side // STRIDE for side in batch["img"].shape[2:])
    assert batch[BONES].shape == (sum(have), len(NAMED_BONES), rows, columns)
    assert batch[BONES].dtype == torch.uint8
    assert batch[BONES].any()


def test_a_map_of_the_start_weights_takes_the_place_of_a_missing_one(dataset_with_bones: Path, tmp_path: Path) -> None:
    dataset = dataset_of(dataset_with_bones.parent, augment=True, split="train", bones_share=1.0)
    dataset.kept_bones = tmp_path
    image, other = (Path(name) for name in dataset.im_files[1:3])
    assert not bones_path(image).is_file()
    seen = np.full((256, 64, len(NAMED_BONES)), 7, np.uint8)
    for path in (image, other):
        kept_map_path(tmp_path, path).write_bytes(encode_map(seen))
    np.testing.assert_array_equal(dataset.get_image_and_label(1)[BONES], seen)
    np.testing.assert_array_equal(dataset.get_image_and_label(2)[BONES], read_map(bones_path(other)))
    assert BONES not in dataset.get_image_and_label(0)


@pytest.mark.parametrize("size", [(1024, 256), (512, 200), (300, 100), (700, 400)])
def test_the_frame_is_what_training_sees(tmp_path: Path, size: tuple[int, int]) -> None:
    put(tmp_path, "1.png", Image.fromarray(pixels(1, size[1], size[0])))
    dataset = dataset_of(tmp_path)
    grey = read_scans(Path(dataset.im_files[0]))[0].grey()
    frame = frame_of(grey)
    assert frame.shape == (1024, 256)
    assert frame.dtype == np.uint8
    expected = dataset[0]["img"][0].numpy()
    np.testing.assert_allclose(to_tones(frame, body_level(frame)) * 255, expected, atol=0.51)


def test_bones_are_drawn_for_a_part_of_the_scans(dataset_with_bones: Path) -> None:
    dataset = dataset_of(dataset_with_bones.parent, augment=True, split="train", bones_share=0.5)
    with_map = next(index for index, name in enumerate(dataset.im_files) if bones_path(Path(name)).is_file())
    random.seed(0)
    drawn = sum(BONES in dataset.get_image_and_label(with_map) for _ in range(200))
    assert 70 < drawn < 130


def test_windows_become_whole_scans(small_dataset: Path) -> None:
    dataset = dataset_of(small_dataset.parent, augment=True, split="train")
    windows = {tuple(dataset[0]["img"].shape) for _ in range(3)}
    dataset.show_whole()
    assert windows == {(1, 512, 192)}
    assert dataset[0]["img"].shape == (1, 1024, 256)


def test_no_bones_are_read_unless_they_count(dataset_with_bones: Path) -> None:
    dataset = dataset_of(dataset_with_bones.parent, augment=True, split="train")
    assert BONES not in ScanDataset.collate_fn([dataset[0], dataset[1]])
