"""CSV tables in."""

from __future__ import annotations

import pytest

from bonescan_yolo.convert.matching.annotated_image import AnnotatedImage
from bonescan_yolo.convert.readers.csv_boxes import parse_csv_boxes, read_csv_boxes
from bonescan_yolo.errors import DatasetError
from tests.convert.readers.sources import OPTIONS, MemorySource, boxes_of, reasons

BOX = ("abnormal", 10, 20, 30, 60.5)


def parsed(text: str | bytes) -> list[AnnotatedImage]:
    images = parse_csv_boxes(text.encode() if isinstance(text, str) else text, "boxes.csv")
    assert images is not None
    return images


@pytest.mark.parametrize(
    "text",
    [
        "path,frame,view,class,confidence,x1_px,y1_px,x2_px,y2_px,width_mm,height_mm\n7.png,0,,abnormal,0.9,10,20,30,60.5,,\n",
        "filename,width,height,class,xmin,ymin,xmax,ymax\n7.png,64,256,abnormal,10,20,30,60.5\n",
        "xmax,xmin,ymax,ymin,label,image\n30,10,60.5,20,abnormal,7.png\n",
        "Image Name;Label;X Min;Y Min;X Max;Y Max\n7.png;abnormal;10;20;30;60,5\n",
        "image\tlabel\tx\ty\twidth\theight\n7.png\tabnormal\t10\t20\t20\t40,5\n",
        "image,label,bbox_x,bbox_y,bbox_width,bbox_height,image_width,image_height\n7.png,abnormal,10,20,20,40.5,64,256\n",
        "image,category,x_center,y_center,w,h\n7.png,abnormal,20,40.25,20,40.5\n",
        "\ufeffsep=;\r\nimage;class;left;top;right;bottom\r\n7.png;abnormal;10;20;30;60.5\r\n",
        'image,class,x1,y1,x2,y2\n"7.png"," abnormal ","10","20","30","60.5"\n\n',
        "7.png,10,20,30,60.5,abnormal\n",
    ],
)
def test_columns_of_any_name_and_order(text: str) -> None:
    (image,) = parsed(text)
    assert (image.image, boxes_of(image), image.problems) == ("7.png", [BOX], ())


def test_one_record_for_each_image_and_frame() -> None:
    rows = ("a.dcm,0,normal,1,2,3,4", "a.dcm,1,normal,1,2,3,4", "a.dcm,0,abnormal,5,6,7,8", "b.png,,,,,,")
    images = parsed("path,frame,class,x1,y1,x2,y2\n" + "\n".join(rows))
    assert [(image.image, image.frame, len(image.objects)) for image in images] == [
        ("a.dcm", 0, 2),
        ("a.dcm", 1, 1),
        ("b.png", None, 0),
    ]


def test_the_size_of_the_image() -> None:
    (image,) = parsed("filename,width,height,class,xmin,ymin,xmax,ymax\n7.png,64,256,abnormal,10,20,30,60.5\n")
    assert image.size == (64, 256)


def test_fractions_are_recognised() -> None:
    (image,) = parsed("ImageID,LabelName,XMin,XMax,YMin,YMax\n7,abnormal,0.1,0.4,0.2,0.6\n")
    assert (image.normalised, boxes_of(image)) == (True, [("abnormal", 0.1, 0.2, 0.4, 0.6)])


def test_columns_in_pixels_are_no_fractions() -> None:
    (image,) = parsed("path,class,x1_px,y1_px,x2_px,y2_px\n7.png,abnormal,0,0,0.5,1\n")
    assert (image.normalised, boxes_of(image)) == (False, [("abnormal", 0.0, 0.0, 0.5, 1.0)])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("7.png,,1,2,3,4", "in line 2 has no class"),
        ("7.png,normal,1,2,3,", "in line 2 has '', which is not a number"),
        ("7.png,normal,1,2,3", "in line 2 has '', which is not a number"),
        ("7.png,normal,1,2,3,four", "in line 2 has 'four', which is not a number"),
        (",normal,,,,", "in line 2 has neither image nor box"),
    ],
)
def test_an_object_that_cannot_be_used_is_counted(row: str, reason: str) -> None:
    images = parsed(f"image,class,x1,y1,x2,y2\n{row}\n7.png,normal,1,2,3,4\n")
    assert (sum(len(image.objects) for image in images), sum(image.objects_lost for image in images)) == (1, 1)
    assert any(reason in text for image in images for text in reasons(image))


def test_a_box_without_an_image_is_an_orphan() -> None:
    (image,) = parsed("image,class,x1,y1,x2,y2\n,normal,1,2,3,4\n")
    assert (image.image, image.objects_read) == (None, 1)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gbk"])
def test_a_table_of_any_encoding(encoding: str) -> None:
    (image,) = parsed("image,class,x1,y1,x2,y2\n骨扫描七.png,normal,1,2,3,4\n".encode(encoding))
    assert image.image == "骨扫描七.png"


def test_other_tables_are_passed_over_and_damaged_ones_are_faults() -> None:
    table = "image,class,x1,y1,x2,y2\n7.png,normal,1,2,3,4\n"
    content = {"a.csv": table, "b.tsv": "a\tb\n1\t2\n", "c.csv": table + "x" * 200_000, "d.csv": None, "e.csv": ""}
    found = list(read_csv_boxes(MemorySource(content), OPTIONS))
    assert [(image.annotation, image.fault is None) for image in found] == [
        ("a.csv", True),
        ("c.csv", False),
        ("d.csv", False),
    ]
    with pytest.raises(DatasetError, match=r"source/b.tsv: is a table without an image, a class and a box; give one"):
        list(read_csv_boxes(MemorySource({"b.tsv": "a\tb\n1\t2\n"}), OPTIONS))
    with pytest.raises(DatasetError, match="source: holds no CSV table; give one"):
        list(read_csv_boxes(MemorySource({"7.png": ""}), OPTIONS))
