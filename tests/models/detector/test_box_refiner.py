"""The refiner sees the page around a box and moves the box's edges."""

import numpy as np
import tensorflow as tf

from models.detector.box_refiner import build_refiner, CROP, look_again, MIN_SCORE, MOST_BOXES, refined, surroundings

PAGE = (128, 192)
WHOLE = tf.constant([[128.0, 192.0]])


class Moves(tf.keras.Model):
    """In place of a refiner: the same edges for every box."""

    def __init__(self, *edges: float) -> None:
        super().__init__()
        self._edges = tf.constant([edges])

    def call(self, seen: tf.Tensor) -> tf.Tensor:
        return tf.repeat(self._edges, tf.shape(seen)[0], axis=0)


def blank() -> np.ndarray:
    return np.zeros((1, *PAGE, 1), np.float32)


def test_a_new_refiner_moves_edges_little():
    boxes = tf.constant([[[10.0, 20, 40, 90], [50, 60, 70, 80]]])
    ink = np.random.default_rng(0).random((1, *PAGE, 1)).astype(np.float32)
    better = look_again(build_refiner([8, 8]), tf.constant(ink), boxes)
    np.testing.assert_allclose(better, boxes, atol=0.2 * 70)  # of the longest side


def test_edges_move_in_heights_and_widths_of_the_box():
    better = look_again(Moves(-0.5, 0.1, 0.0, 1.0), tf.constant(blank()), tf.constant([[[10.0, 20, 40, 90]]]))
    np.testing.assert_allclose(better, [[[10 - 15, 20 + 7, 40, 90 + 70]]], rtol=1e-6)


def test_the_box_is_in_the_middle_of_what_is_seen():
    ink = blank()
    ink[0, 32:64, 64:128] = 1.0
    seen = surroundings(tf.constant(ink[..., 0]), tf.constant([[[32.0, 64, 64, 128]]])).numpy()[0, 0]
    assert seen.shape == CROP
    rows, columns = np.flatnonzero(seen[:, 64] > 0.5), np.flatnonzero(seen[24] > 0.5)
    share = 1 / (1 + 2 * 0.35)  # of each side of the picture
    np.testing.assert_allclose([rows[0], rows[-1] + 1], 48 * np.array([0.5 - share / 2, 0.5 + share / 2]), atol=1.5)
    np.testing.assert_allclose(
        [columns[0], columns[-1] + 1], 128 * np.array([0.5 - share / 2, 0.5 + share / 2]), atol=2.5
    )


def test_outside_the_page_there_is_paper():
    seen = surroundings(tf.ones((1, *PAGE)), tf.constant([[[0.0, 0, 128, 192]]])).numpy()[0, 0]
    assert seen[0].max() == 0.0
    np.testing.assert_allclose(seen[24, 64], 1.0, atol=0.02)


def test_a_thin_stroke_on_a_large_box_does_not_vanish():
    page = np.zeros((1, 128, 1920), np.float32)
    page[:, 64] = 1.0
    page[:, :, 1000] = 1.0
    seen = surroundings(tf.constant(page), tf.constant([[[0.0, 0, 128, 1920]]])).numpy()[0, 0]
    assert seen.max(axis=0)[30:100].min() > 0.1  # the line along the box is everywhere
    assert seen[10:20].max() > 0.02  # and so is the one across


def test_each_page_of_a_batch_is_seen_by_its_own_boxes():
    pages = np.zeros((2, *PAGE), np.float32)
    pages[1] = 1.0
    seen = surroundings(tf.constant(pages), tf.constant([[[20.0, 40, 60, 90]] * 3] * 2)).numpy()
    assert seen.shape == (2, 3, *CROP)
    assert seen[0].max() == 0.0
    assert seen[1, :, 24, 64].min() > 0.9


def test_boxes_with_low_scores_and_padding_stay():
    boxes = tf.constant([[[10.0, 20, 40, 90], [50, 60, 70, 80], [0, 0, 0, 0]]])
    scores = tf.constant([[0.9, 0.9 * MIN_SCORE, 0.0]])
    better = refined(Moves(0.1, 0.1, 0.1, 0.1), tf.constant(blank()), boxes, scores, WHOLE, 1.0).numpy()
    np.testing.assert_allclose(better[0, 0], [13, 27, 43, 97], rtol=1e-6)
    np.testing.assert_array_equal(better[0, 1:], boxes[0, 1:])


def test_a_page_without_boxes_keeps_its_padding():
    boxes = tf.zeros((1, 5, 4))
    found = refined(Moves(1, 1, 1, 1), tf.constant(blank()), boxes, tf.zeros((1, 5)), WHOLE, 1.0)
    np.testing.assert_array_equal(found, boxes)


def test_boxes_stay_on_the_page_and_never_turn_inside_out():
    boxes, scores = tf.constant([[[10.0, 20, 40, 90]]]), tf.constant([[0.9]])
    ink = tf.constant(blank())
    np.testing.assert_array_equal(refined(Moves(-1, -1, 9, 9), ink, boxes, scores, WHOLE, 1.0), [[[0, 0, 128, 192]]])
    np.testing.assert_array_equal(refined(Moves(2, 0, 0, 0), ink, boxes, scores, WHOLE, 1.0), boxes)


def test_the_best_boxes_of_a_crowded_page_are_refined():
    boxes = tf.tile(tf.constant([[[10.0, 20, 40, 90]]]), [1, 100, 1])
    better = refined(Moves(0, 0, 0, 0.1), tf.constant(blank()), boxes, tf.fill((1, 100), 0.5), WHOLE, 1.0).numpy()
    assert np.flatnonzero(better[0, :, 3] == 97).tolist() == list(range(MOST_BOXES))


def test_edges_move_a_share_of_the_way():
    boxes, scores = tf.constant([[[10.0, 20, 40, 90]]]), tf.constant([[0.9]])
    half = refined(Moves(0.0, 0.0, 0.2, 0.2), tf.constant(blank()), boxes, scores, WHOLE, 0.5)
    np.testing.assert_allclose(half, [[[10, 20, 43, 97]]], rtol=1e-6)
