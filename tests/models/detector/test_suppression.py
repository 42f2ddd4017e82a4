"""An object that two classes score on is shown once."""

import numpy as np
import tensorflow as tf

from models.detector.metrics import SHOWN_SCORE
from models.detector.suppression import one_class_shown, SECOND_SCORE

HERE, NEARLY_HERE = [10.0, 10, 30, 90], [11.0, 12, 30, 92]
BESIDE, ELSEWHERE = [10.0, 70, 30, 150], [200.0, 10, 220, 90]
NOTHING = [0.0, 0, 0, 0]


def test_the_better_of_two_classes_on_the_same_ink_is_shown():
    boxes = tf.constant([[HERE, NEARLY_HERE, ELSEWHERE, NOTHING]])
    kept, scores, labels = one_class_shown(boxes, tf.constant([[0.9, 0.8, 0.3, 0.0]]), tf.constant([[2.0, 1, 4, 1]]))
    np.testing.assert_allclose(scores, [[0.9, 0.3, SECOND_SCORE, 0]], atol=1e-6)
    np.testing.assert_array_equal(labels, [[2, 4, 1, 1]])
    np.testing.assert_array_equal(kept, [[HERE, ELSEWHERE, NEARLY_HERE, NOTHING]])
    assert SECOND_SCORE < SHOWN_SCORE


def test_a_low_score_on_the_same_ink_stays():
    _, scores, _ = one_class_shown(tf.constant([[HERE, NEARLY_HERE]]), tf.constant([[0.9, 0.1]]), tf.constant([[2, 1]]))
    np.testing.assert_allclose(scores, [[0.9, 0.1]], atol=1e-6)


def test_neighbours_that_touch_are_two_objects():
    boxes = tf.constant([[HERE, BESIDE]])
    kept, scores, labels = one_class_shown(boxes, tf.constant([[0.9, 0.8]]), tf.constant([[1, 4]]))
    np.testing.assert_array_equal(kept, boxes)
    np.testing.assert_allclose(scores, [[0.9, 0.8]], atol=1e-6)
    np.testing.assert_array_equal(labels, [[1, 4]])


def test_each_page_of_a_batch_has_its_own_boxes():
    boxes = tf.constant([[HERE, ELSEWHERE], [HERE, NEARLY_HERE]])
    kept, scores, _ = one_class_shown(boxes, tf.constant([[0.5, 0.4], [0.7, 0.6]]), tf.constant([[1, 2], [1, 2]]))
    np.testing.assert_array_equal(kept, [[HERE, ELSEWHERE], [HERE, NEARLY_HERE]])
    np.testing.assert_allclose(scores, [[0.5, 0.4], [0.7, SECOND_SCORE]], atol=1e-6)
