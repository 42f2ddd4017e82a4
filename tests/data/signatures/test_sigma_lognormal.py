import dataclasses

import numpy as np
import pytest

from data.signatures.sigma_lognormal import (
    angular_position,
    arcs,
    changeover_time,
    lognormal_speed,
    peak_time,
    perturb,
    reach_targets,
    smooth_turns,
    Strokes,
    strokes_between,
    trajectory,
)

TIME = np.arange(0, 3, 1e-4)
ZIGZAG = np.array([[0, 0], [20, 50], [40, 0], [60, 50], [80, 0], [100, 50]], float)


def make_strokes(*rows: tuple[float, float, float, float, float, float], pen_down: bool | list[bool] = True) -> Strokes:
    """From rows of (D, t0, mu, sigma, theta_s, theta_e)."""
    return Strokes(*np.array(rows, float).T, pen_down=np.broadcast_to(pen_down, len(rows)).copy())


def make_zigzag(interval: float) -> Strokes:
    n = len(ZIGZAG) - 1
    intervals, ones = np.full(n - 1, interval), np.ones(n)
    return strokes_between(ZIGZAG, 0 * ones, -1.6 * ones, 0.2 * ones, intervals, ones > 0)


def distance_missed(strokes: Strokes) -> float:
    """Mean distance from the inner corners of the zigzag to the nearest point of the path."""
    path = trajectory(strokes, 0.001).position
    return float(np.linalg.norm(path[:, None] - ZIGZAG[1:-1], axis=2).min(0).mean())


@pytest.mark.parametrize(("mu", "sigma"), [(-1.6, 0.2), (-2.0, 0.1), (-1.2, 0.35)])
def test_speed_of_one_stroke_integrates_to_its_length(mu, sigma):
    speed = lognormal_speed(TIME, make_strokes((80, 0.1, mu, sigma, 0, 0)))
    assert speed.shape == (1, len(TIME))
    assert speed.sum() * 1e-4 == pytest.approx(80, rel=1e-3)


@pytest.mark.parametrize(("mu", "sigma"), [(-1.6, 0.2), (-2.0, 0.1), (-1.2, 0.35)])
def test_speed_peaks_when_the_theory_says(mu, sigma):
    strokes = make_strokes((80, 0.1, mu, sigma, 0, 0))
    fastest = TIME[lognormal_speed(TIME, strokes)[0].argmax()]
    assert fastest == pytest.approx(0.1 + np.exp(mu - sigma**2), abs=2e-4)
    assert peak_time(strokes) == pytest.approx([fastest], abs=2e-4)


def test_stroke_rests_until_its_onset():
    speed = lognormal_speed(TIME, make_strokes((80, 0.5, -1.6, 0.2, 0, 0)))[0]
    assert (speed[TIME <= 0.5] == 0).all()
    assert speed[TIME > 0.5].max() > 0


@pytest.mark.parametrize("theta", [0.0, 0.7, np.pi / 2, -2.5])
def test_straight_stroke_goes_straight_in_its_direction(theta):
    path = trajectory(make_strokes((100, 0, -1.6, 0.2, theta, theta)), 0.002)
    along = path.position @ [np.cos(theta), np.sin(theta)]
    across = path.position @ [-np.sin(theta), np.cos(theta)]
    assert along[0] == pytest.approx(0, abs=0.5)
    assert along[-1] == pytest.approx(100, rel=0.01)
    assert np.abs(across).max() < 1e-6
    assert (np.diff(along) >= 0).all()


def test_direction_turns_from_start_to_end_angle_and_is_halfway_at_the_median():
    strokes = make_strokes((100, 0.2, -1.6, 0.2, 0.5, 1.7))
    angle = angular_position(TIME, strokes)[0]
    assert angle[0] == pytest.approx(0.5)
    assert angle[-1] == pytest.approx(1.7, abs=1e-6)
    assert np.interp(0.2 + np.exp(-1.6), TIME, angle) == pytest.approx(1.1, abs=1e-3)


@pytest.mark.parametrize("turn", [0.0, 1.0, -2.0, np.pi])
def test_arc_leads_to_its_target_on_a_circle(turn):
    distance, start, end = arcs(np.array([[10, 20], [50, -10]]), np.array([turn]))
    assert end - start == pytest.approx([turn])
    assert distance >= 50 - 1e-9
    path = trajectory(make_strokes((distance[0], 0, -1.6, 0.2, start[0], end[0])), 0.001).position
    assert path[-1] - path[0] == pytest.approx([40, -30], abs=0.5)
    if turn:
        centre_distance = distance[0] / abs(turn)
        centre = path[0] + centre_distance * np.array([-np.sin(start[0]), np.cos(start[0])]) * np.sign(turn)
        assert np.linalg.norm(path - centre, axis=1) == pytest.approx(centre_distance, rel=0.01)


def test_overlapping_strokes_add_as_vectors():
    first, second = (60, 0, -1.6, 0.2, 0.3, 1.0), (40, 0.05, -1.7, 0.25, -1.0, -1.5)
    ends = [trajectory(make_strokes(stroke), 0.001).position[-1] for stroke in (first, second)]
    both = trajectory(make_strokes(first, second), 0.001)
    assert both.position[-1] == pytest.approx(ends[0] + ends[1], abs=0.2)
    separate = lognormal_speed(both.time, make_strokes(first, second)).sum(0)
    assert (both.speed <= separate + 1e-6).all()
    assert both.speed.max() < 0.95 * separate.max()  # opposed directions cancel


def test_speed_is_the_rate_of_travel():
    path = trajectory(make_zigzag(0.1), 0.0005)
    travelled = np.linalg.norm(np.diff(path.position, axis=0), axis=1) / np.diff(path.time)
    assert travelled == pytest.approx(0.5 * (path.speed[1:] + path.speed[:-1]), abs=0.01 * path.speed.max())


def test_pen_follows_the_stroke_of_the_moment():
    strokes = dataclasses.replace(make_zigzag(0.2), pen_down=np.array([True, False, True, True, False]))
    path = trajectory(strokes, 0.001)
    at_peaks = np.searchsorted(path.time, peak_time(strokes))
    assert path.pen_down[at_peaks].tolist() == strokes.pen_down.tolist()
    assert (np.diff(changeover_time(strokes)) > 0).all()


def test_no_strokes_or_no_step_is_refused():
    with pytest.raises(ValueError, match="0 strokes"):
        trajectory(Strokes(*np.zeros((6, 0)), pen_down=np.zeros(0, bool)), 0.01)
    with pytest.raises(ValueError, match="step 0"):
        trajectory(make_zigzag(0.1), 0)


def test_turns_follow_a_circle_and_stop_at_corners():
    angle = np.linspace(0, np.pi, 9)
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    smooth = smooth_turns(circle, np.zeros(9, bool))
    assert smooth[1:-1] == pytest.approx(np.pi / 8)
    assert smooth_turns(circle[:, ::-1], np.zeros(9, bool)) == pytest.approx(-smooth)
    assert smooth_turns(circle, np.ones(9, bool)) == pytest.approx(0)


def test_strokes_between_targets_peak_at_the_given_intervals_and_add_up_to_the_last_target():
    mu, sigma = np.array([-1.8, -1.5, -1.2]), np.array([0.1, 0.2, 0.3])
    targets = np.array([[5, 5], [30, 60], [-20, 10], [80, 40]], float)
    strokes = strokes_between(targets, np.array([0, 1, -1]), mu, sigma, np.array([0.1, 0.25]), np.ones(3, bool))
    assert np.diff(peak_time(strokes)) == pytest.approx([0.1, 0.25])
    assert trajectory(strokes, 0.001).position[-1] == pytest.approx([75, 35], abs=0.5)


def test_moving_virtual_targets_undoes_the_shrinking_of_hasty_strokes():
    hasty = make_zigzag(0.09)
    corrected = [distance_missed(reach_targets(hasty, ZIGZAG, np.zeros(5), 0.002, rounds)) for rounds in (0, 1, 3)]
    assert corrected[0] == pytest.approx(distance_missed(hasty))
    assert corrected[0] > 5
    assert corrected[0] > 1.5 * corrected[1] > 1.5**2 * corrected[2]
    assert distance_missed(make_zigzag(0.3)) < 1  # slow strokes need none


def test_perturbation_varies_every_parameter_with_its_amount():
    plan = make_zigzag(0.1)
    small, large = (perturb(plan, np.random.default_rng(1), amount) for amount in (0.5, 1.0))
    for field in ("distance", "onset", "mu", "sigma", "start_angle", "end_angle"):
        original = getattr(plan, field)
        assert (getattr(small, field) != original).all()
        assert np.abs(getattr(large, field) - original).sum() > np.abs(getattr(small, field) - original).sum()
        assert (getattr(perturb(plan, np.random.default_rng(1), 0), field) == original).all()
    assert (small.pen_down == plan.pen_down).all()
