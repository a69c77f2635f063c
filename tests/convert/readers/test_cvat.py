"""CVAT for images 1.1 in."""

from __future__ import annotations

import pytest

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.readers.annotation_text import UnparsableError
from bonescan_yolo.convert.readers.cvat import parse_cvat, read_cvat
from bonescan_yolo.errors import DatasetError
from tests.convert.builders import BOMB, voc
from tests.convert.readers.sources import OPTIONS, MemorySource, boxes_of, reasons, written_by


def file(*shapes: str, name: str = "7.png", size: str = 'width="64" height="256"') -> bytes:
    image = f'<image id="0" name="{name}" {size}>{"".join(shapes)}</image>'
    return f'<?xml version="1.0" encoding="utf-8"?><annotations><version>1.1</version>{image}</annotations>'.encode()


def box(x1: object, y1: object, x2: object, y2: object, more: str = "", *, label: str = "abnormal") -> str:
    corners = f'xtl="{x1}" ytl="{y1}" xbr="{x2}" ybr="{y2}"'
    return f'<box label="{label}" source="manual" occluded="0" {corners} {more}></box>'


def parsed(data: bytes) -> AnnotatedImage:
    images = parse_cvat(data, "annotations.xml")
    assert images is not None
    (image,) = images
    return image


def test_what_datumaro_wrote() -> None:
    seven, other, nine = read_cvat(written_by("cvat"), OPTIONS)
    assert boxes_of(seven) == [
        ("abnormal", 30, 60, 36.25, 70.5),
        ("normal", 10, 20.25, 22.5, 40),
        ("normal", 20, 100, 40, 120.5),
        ("normal", 10, 200, 20, 210),
    ]
    assert (seven.image, seven.size, seven.objects_read) == ("ant/7.jpg", (64, 256), 5)
    assert "ant/7.jpg: object 5 ('abnormal') is of type points, which has no box; left out" in reasons(seven)
    assert (other.image, len(other.objects)) == ("post/7.jpg", 1)
    assert (nine.image, nine.objects, nine.problems) == ("9_anterior.jpg", (), ())


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (box(10, 20, 30, 60, 'rotation="90"'), (0, 30, 40, 50)),
        (box(10, 20, 30, 60, 'rotation="180.00"'), (10, 20, 30, 60)),
        (box(0, 0, 10, 10, 'rotation="45"'), (-2.07, -2.07, 12.07, 12.07)),
        ('<ellipse label="abnormal" cx="30" cy="50" rx="10" ry="5"/>', (20, 45, 40, 55)),
        ('<ellipse label="abnormal" cx="30" cy="50" rx="10" ry="5" rotation="90"/>', (25, 40, 35, 60)),
        ('<polygon label="abnormal" points="1.5,2;9,2;5,8.25"/>', (1.5, 2, 9, 8.25)),
        ('<polyline label="abnormal" points="1,2;9,8"/>', (1, 2, 9, 8)),
        ('<mask label="abnormal" rle="3, 1, 2" left="40" top="60" width="5" height="6"/>', (40, 60, 45, 66)),
        (
            '<cuboid label="abnormal" xtl1="1" ytl1="2" xbl1="1" ybl1="8" xtr1="5" ytr1="2" xbr1="5" ybr1="8" '
            'xtl2="3" ytl2="1" xbl2="3" ybl2="7" xtr2="7" ytr2="1" xbr2="7" ybr2="7"/>',
            (1, 1, 7, 8),
        ),
    ],
)
def test_the_bounds_of_other_shapes_are_taken_and_reported(shape: str, expected: tuple[float, ...]) -> None:
    image = parsed(file(shape))
    assert boxes_of(image) == [("abnormal", *expected)]
    assert image.objects_lost == 0
    assert "its bounds are taken as box" in reasons(image)[0]


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        (box(1, 2, 3, 4, label=""), "has no label"),
        (box(1, 2, "", 4), "has '' as xbr, not a number"),
        ('<box label="abnormal" xtl="1"/>', "has None as ytl, not a number"),
        (box(1, 2, 3, 4, 'outside="1"'), "is marked as outside the image"),
        (box(1, 2, 3, 4, 'rotation="left"'), "has 'left' as rotation, not a number"),
        ('<points label="abnormal" points="1,2"/>', "is of type points, which has no box"),
        ('<skeleton label="abnormal"><points label="a" points="1,2"/></skeleton>', "is of type skeleton"),
        ('<polygon label="abnormal" points=""/>', "has no points of two numbers"),
        ('<polygon label="abnormal" points="1,2;3"/>', "has no points of two numbers"),
    ],
)
def test_an_object_that_cannot_be_used_is_counted(shape: str, reason: str) -> None:
    image = parsed(file(shape, box(1, 2, 3, 4)))
    assert (len(image.objects), image.objects_lost) == (1, 1)
    assert reason in reasons(image)[0]


def test_an_upright_box_is_not_reported_and_a_tag_is_no_object() -> None:
    image = parsed(file(box(1, 2, 3, 4, 'rotation="0.0"'), '<tag label="good"><attribute name="a">b</attribute></tag>'))
    assert (image.objects_read, image.problems) == (1, ())


def test_names_with_folders_of_any_system_and_sizes_that_are_missing() -> None:
    image = parsed(file(name="C:\\scans\\M&#252;ller\\7.png", size=""))
    assert (image.image, image.size) == ("C:\\scans\\Müller\\7.png", None)


def test_several_files_and_xml_of_other_programs() -> None:
    source = MemorySource({"a/annotations.xml": file(), "b/annotations.xml": file(box(1, 2, 3, 4)), "1.xml": voc([])})
    assert [len(image.objects) for image in read_cvat(source, OPTIONS)] == [0, 1]


def test_an_image_without_a_name_is_a_fault_or_an_orphan() -> None:
    assert parsed(file(name="")).fault == "has an image without a name"
    assert parsed(file(box(1, 2, 3, 4), name="")).objects_read == 1


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"<annotations>", "is malformed XML"),
        (b"", "is malformed XML"),
        (BOMB.encode(), "defines entities"),
        (b"<annotations/>", "lists no images"),
        (b'<annotations><track id="0" label="abnormal"/></annotations>', "is `CVAT for video`"),
    ],
)
def test_a_damaged_file_is_a_fault(data: bytes, fault: str) -> None:
    with pytest.raises(UnparsableError, match=fault):
        parse_cvat(data, "annotations.xml")
    (image,) = read_cvat(MemorySource({"annotations.xml": data}), OPTIONS)
    assert fault in (image.fault or "")
    assert fault in reasons(image)[-1]


def test_a_file_that_is_not_in_the_encoding_it_states() -> None:
    text = file(name="骨.png").decode()
    assert parsed(text.encode("gbk")).image == "骨.png"
    assert parsed(text.encode("utf-8-sig")).image == "骨.png"
    assert parsed(text.replace("utf-8", "gb2312").encode("gbk")).image == "骨.png"
    assert parsed(text.replace("utf-8", "utf-16").encode("utf-16")).image == "骨.png"


def test_no_cvat_file_at_all() -> None:
    with pytest.raises(DatasetError, match="holds no CVAT XML file"):
        list(read_cvat(MemorySource({"1.xml": voc([])}), OPTIONS))
