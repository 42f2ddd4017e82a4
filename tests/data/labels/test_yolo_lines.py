"""Lines of YOLO's label files, as tools and people write them."""

import pytest

from data.labels.yolo_lines import BadLine, looks_like_yolo, parse_line

BOX = (0.25, 0.5, 0.5, 0.75)


@pytest.mark.parametrize(
    "line",
    [
        "0 0.625 0.375 0.25 0.25",
        "0\t0.625\t0.375\t0.25\t0.25\r",
        "  0   0.625 0.375 0.25 0.25  ",
        "0.0 0.625 0.375 0.25 0.25",
        "0,0.625,0.375,0.25,0.25",
        "0, 0.625, 0.375, 0.25, 0.25",
        "0 0,625 0,375 0,25 0,25",
        "0;0,625;0,375;0,25;0,25",
        "0 6.25e-1 3.75E-1 2.5e-1 .25",
        "0 0.625 0.375 0.25 0.25 0.913",
        "0 0.5 0.25 0.75 0.25 0.75 0.5 0.5 0.5",  # Ultralytics' oriented box
        "0 0.5 0.25 0.75 0.3 0.6 0.5",
        "0 0.625 0.375 0.25 0.25 0.6 0.3 2",
        "0 0.625 0.375 0.25 0.25 0.6 0.3 2 0 0 0",
        "0 0.625 0.375 0.25 0.25 0.6 0.3 1 0.7 0.4 1",
    ],
)
def test_a_box(line: str):
    parsed = parse_line(line)
    assert parsed.kind == "0"
    assert parsed.box == pytest.approx(BOX)


def test_keypoints_of_two_values_are_known_by_data_yaml():
    line = "0 0.625 0.375 0.25 0.25 0.6 0.3 0.7 0.4"
    assert parse_line(line, (2, 2)).box == pytest.approx(BOX)
    assert parse_line(line).box != pytest.approx(BOX)


def test_a_class_may_be_a_name():
    assert parse_line("signature 0.625 0.375 0.25 0.25").kind == "signature"


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "0 0.5 0.5",
        "0 0.1 0.1 0.2 0.2 0.3 0.3 0.4",
        "-1 0.5 0.5 0.1 0.1",
        "0.5 0.5 0.5 0.1 0.1",
        "0 0.5 0.5 0.1 nan",
        "0 0.5 0.5 0.1 inf",
        "0 0.5 0.5 0.1 1_0",
        "0 0.5 x 0.1 0.1",
        "0 0.5 0.5 0.1 0.1 1.5708",  # an angle
        "0 0.5 0.5 0.1 0.1 -0.3",
        "0,0,5,0,5,0,1,0,1",
        "100.0 200.0 150.0 200.0 150.0 220.0 100.0 220.0 signature 0",  # DOTA
        "signature 0.00 0 -1.57 100 200 150 220 1 1 1 1 1 1 1",  # KITTI
        "{}",
    ],
)
def test_what_is_no_box_is_refused(line: str):
    with pytest.raises(BadLine):
        parse_line(line)


@pytest.mark.parametrize(
    ("text", "looks"),
    [("0 0.5 0.5 0.1 0.1\n", True), ("Dear Sir,\n\nthe lease of 1 2 3 4 May\n", False), ("signature\nstamp\n", False)],
)
def test_text_of_another_kind_is_recognised(text: str, looks: bool):
    assert looks_like_yolo(text) is looks
