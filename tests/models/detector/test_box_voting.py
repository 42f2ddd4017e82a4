"""A box is the mean of the candidates for its object, weighted by their scores."""

import numpy as np
import tensorflow as tf

from models.detector.box_voting import averaged
from models.detector.suppression import MIN_SCORE

SIGNATURE, DATE = 1, 2
FOUND, WIDER, ELSEWHERE = [10.0, 10, 30, 90], [10.0, 10, 30, 100], [200.0, 10, 220, 90]
NOTHING = [0.0, 0, 0, 0]


def test_candidates_for_the_object_are_averaged_by_their_scores():
    scores = tf.constant([[[0.6, 0.0], [0.2, 0.0], [0.9, 0.0]]])
    boxes = averaged(
        tf.constant([[FOUND]]), tf.constant([[SIGNATURE]]), tf.constant([[FOUND, WIDER, ELSEWHERE]]), scores
    )
    np.testing.assert_allclose(boxes, [[[10, 10, 30, 92.5]]], rtol=1e-6)


def test_only_scores_of_the_class_count():
    scores = tf.constant([[[0.6, 0.0], [0.2, 0.5]]])
    candidates, both = tf.constant([[FOUND, WIDER]]), tf.constant([[FOUND, FOUND]])
    boxes = averaged(both, tf.constant([[SIGNATURE, DATE]], tf.float32), candidates, scores)
    np.testing.assert_allclose(boxes, [[[10, 10, 30, 92.5], WIDER]], rtol=1e-6)


def test_scores_too_low_for_suppression_and_padding_change_nothing():
    scores = tf.constant([[[0.6], [0.9 * MIN_SCORE]]])
    boxes = averaged(tf.constant([[FOUND, NOTHING]]), tf.constant([[1, 1]]), tf.constant([[FOUND, WIDER]]), scores)
    np.testing.assert_allclose(boxes, [[FOUND, NOTHING]])


def test_each_page_of_a_batch_has_its_own_candidates():
    scores = tf.constant([[[0.5], [0.5]], [[0.5], [0.0]]])
    candidates = tf.constant([[FOUND, WIDER], [FOUND, WIDER]])
    boxes = averaged(tf.constant([[FOUND], [FOUND]]), tf.constant([[1], [1]]), candidates, scores)
    np.testing.assert_allclose(boxes, [[[10, 10, 30, 95]], [FOUND]], rtol=1e-6)
