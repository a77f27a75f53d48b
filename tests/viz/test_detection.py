"""Images with boxes: where lines and texts are, what is left out, odd sizes."""

import math

import pytest
import torch

from zoo.viz.detection import colour, draw_boxes

BLACK = torch.zeros(3, 120, 160, dtype=torch.uint8)
BOX = torch.tensor([[40.0, 50.0, 100.0, 90.0]])


def lit(image):
    return image.amax(0) > 0  # (H, W)


def test_the_rectangle_is_where_the_box_is_and_the_text_above():
    drawn = draw_boxes(BLACK, BOX, [0], ["cell"])
    light = lit(drawn)
    assert not lit(BLACK).any()  # a copy is drawn on
    for row, column in ((50, 70), (90, 70), (70, 40), (70, 100)):
        assert drawn[:, row, column].tolist() == list(colour(0))
    assert not light[52:89, 42:99].any()  # hollow
    assert not light[91:].any()
    assert light[40:49, 42:60].any()


def test_without_room_above_the_text_is_inside():
    light = lit(draw_boxes(BLACK, torch.tensor([[40.0, 2.0, 100.0, 90.0]]), [0], ["cell"]))
    assert light[4:12, 45:60].float().mean() > 0.6  # letters are black
    assert not light[0].any()


def test_scores_make_the_text_longer_and_classes_have_colours():
    plain = lit(draw_boxes(BLACK, BOX, [0], ["cell"]))
    scored = lit(draw_boxes(BLACK, BOX, [0], ["cell"], [0.5]))
    assert scored[:49].sum() > plain[:49].sum()
    assert len({colour(n) for n in range(80)}) == 80


def test_the_first_box_is_on_top():
    both = draw_boxes(BLACK, BOX.repeat(2, 1), [0, 1], ["a", "b"])
    assert both[:, 90, 70].tolist() == list(colour(0))


def test_a_box_beyond_the_image_shows_what_lies_in_it():
    wide = torch.tensor([[-50.0, -50.0, 1e9, 60.0]])
    light = lit(draw_boxes(BLACK, wide, [0], [""]))
    assert light[60].all()
    assert light.sum() == 160


def test_what_cannot_be_drawn_is_left_out():
    odd = torch.tensor([[math.nan] * 4, [0, 0, math.inf, 9], [50, 50, 40, 40], [300, 0, 400, 9]])
    assert not lit(draw_boxes(BLACK, odd, [0] * 4, ["far"])).any()


def test_a_grey_image_becomes_coloured_and_odd_shapes_work():
    assert draw_boxes(BLACK[:1], BOX, [0], ["x"]).shape == BLACK.shape
    for shape in ((1, 5000), (5000, 1), (1, 1)):
        image = torch.zeros(3, *shape, dtype=torch.uint8)
        assert draw_boxes(image, BOX, [0], ["anything"]).shape == image.shape
    assert (draw_boxes(BLACK, BOX[:0], [], [], []) == BLACK).all()


def test_lists_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="as many, got \\[1, 2\\]"):
        draw_boxes(BLACK, BOX, [0, 0], ["x"])
    with pytest.raises(ValueError, match="as many, got \\[1, 2\\]"):
        draw_boxes(BLACK, BOX, [0], ["x"], [0.1, 0.2])
