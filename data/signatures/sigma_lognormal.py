"""The Sigma-Lognormal model of rapid human movement: strokes with lognormal speed, summed into a pen's trajectory.

Sources:
- R. Plamondon, "A kinematic theory of rapid human movements", Biological Cybernetics 72, 1995: the lognormal.
- C. O'Reilly and R. Plamondon, "Development of a Sigma-Lognormal representation for on-line signatures", Pattern
  Recognition 42, 2009: the vector sum and its parameters D, t0, mu, sigma, theta_s and theta_e.
- M. A. Ferrer, M. Diaz, C. Carmona-Duarte and R. Plamondon, "iDeLog: iterative dual spatial and kinematic extraction of
  Sigma-Lognormal parameters", IEEE TPAMI 42, 2020: arcs between virtual target points, which are moved until the
  trajectory meets the salient points.

Units everywhere: pixels, seconds, radians. Angles turn from +x towards +y.
"""

import dataclasses

import numpy as np
from scipy.special import erf

_TAIL = 3.5
"""Where a lognormal is cut, in its sigmas: 0.05 % of the stroke's length is lost."""


@dataclasses.dataclass(frozen=True)
class Strokes:
    """N strokes in the order of their peaks. Every array is float [N] except `pen_down`, bool [N].

    Args:
      distance: D, the length of the stroke's path, px; at least 0.
      onset: t0, when the brain emits the command, s.
      mu: logarithm of the stroke's time delay, log(s).
      sigma: its response time on a logarithmic scale; above 0.
      start_angle: theta_s, direction at the start, rad.
      end_angle: theta_e, direction at the end, rad.
      pen_down: whether the stroke leaves ink.
    """

    distance: np.ndarray
    onset: np.ndarray
    mu: np.ndarray
    sigma: np.ndarray
    start_angle: np.ndarray
    end_angle: np.ndarray
    pen_down: np.ndarray


@dataclasses.dataclass(frozen=True)
class Trajectory:
    """A pen's path sampled at T equal steps.

    Args:
      time: float [T], s.
      position: float [T, 2], px, starting near (0, 0).
      speed: float [T], px/s, the length of the summed velocity.
      pen_down: bool [T].
    """

    time: np.ndarray
    position: np.ndarray
    speed: np.ndarray
    pen_down: np.ndarray


def lognormal_speed(time: np.ndarray, strokes: Strokes) -> np.ndarray:
    """Speed of each stroke on its own (O'Reilly and Plamondon 2009, equation 2), 0 up to its onset.

    Args:
      time: float, s, broadcast against [N, 1]: [T] for common times or [N, T] for each stroke's own.

    Returns:
      float [N, T], px/s. Each row integrates to that stroke's D.
    """
    delay, z = _delay_and_score(time, strokes)
    scale = strokes.distance / (np.sqrt(2 * np.pi) * strokes.sigma)
    return np.where(delay > 0, scale[:, None] * np.exp(-0.5 * z * z) / np.maximum(delay, 1e-9), 0.0)


def angular_position(time: np.ndarray, strokes: Strokes) -> np.ndarray:
    """Direction of each stroke: theta_s to theta_e in step with the travelled length, so that the path is an arc.

    O'Reilly and Plamondon 2009, equation 3. Arguments as for `lognormal_speed`.

    Returns:
      float [N, T], rad.
    """
    _, z = _delay_and_score(time, strokes)
    turn = strokes.end_angle - strokes.start_angle
    return strokes.start_angle[:, None] + turn[:, None] * 0.5 * (1 + erf(z / np.sqrt(2)))


def _delay_and_score(time: np.ndarray, strokes: Strokes) -> tuple[np.ndarray, np.ndarray]:
    delay = time - strokes.onset[:, None]
    return delay, (np.log(np.maximum(delay, 1e-9)) - strokes.mu[:, None]) / strokes.sigma[:, None]


def peak_time(strokes: Strokes) -> np.ndarray:
    """When each stroke is fastest: t0 + exp(mu - sigma^2), float [N], s."""
    return strokes.onset + np.exp(strokes.mu - strokes.sigma**2)


def changeover_time(strokes: Strokes) -> np.ndarray:
    """When each stroke gives way to the next: halfway between their peaks, float [N - 1], s, not decreasing."""
    peaks = np.maximum.accumulate(peak_time(strokes))
    return 0.5 * (peaks[1:] + peaks[:-1])


def trajectory(strokes: Strokes, step: float) -> Trajectory:
    """Sums the strokes' velocities as vectors and integrates them.

    Each stroke is evaluated only while it moves, so the cost is proportional to N and not to N x T.

    Args:
      strokes: at least one.
      step: time between samples, s; at most a tenth of a stroke's duration for a smooth path.

    Raises:
      ValueError: no strokes, or `step` not above 0.
    """
    if not len(strokes.distance) or step <= 0:
        raise ValueError(f"need strokes and a step above 0, got {len(strokes.distance)} strokes and step {step}")
    start = strokes.onset + np.exp(strokes.mu - _TAIL * strokes.sigma)
    stop = strokes.onset + np.exp(strokes.mu + _TAIL * strokes.sigma)
    first = np.floor((start - start.min()) / step).astype(int)
    index = first[:, None] + np.arange(int(np.ceil((stop - start).max() / step)) + 2)
    own_time = start.min() + index * step

    speed, angle = lognormal_speed(own_time, strokes), angular_position(own_time, strokes)
    where = index.ravel()
    velocity = np.stack(
        [np.bincount(where, (speed * np.cos(angle)).ravel()), np.bincount(where, (speed * np.sin(angle)).ravel())], 1
    )
    position = step * (np.cumsum(velocity, axis=0) - 0.5 * velocity)
    time = start.min() + np.arange(len(position)) * step
    active = np.searchsorted(changeover_time(strokes), time)
    return Trajectory(time, position, np.hypot(velocity[:, 0], velocity[:, 1]), strokes.pen_down[active])


def smooth_turns(targets: np.ndarray, corner: np.ndarray) -> np.ndarray:
    """The angle by which each stroke must turn so that the path passes its targets without a kink.

    Args:
      targets: float [N + 1, 2], px.
      corner: bool [N + 1], the targets at which the path may kink; both ends count as such.

    Returns:
      float [N], theta_e - theta_s, rad, within +-pi.
    """
    chord = np.diff(targets, axis=0)
    bend = np.diff(np.arctan2(chord[:, 1], chord[:, 0]))
    bend = (bend + np.pi) % (2 * np.pi) - np.pi
    bend = np.concatenate([[0], np.where(corner[1:-1], 0, bend), [0]])
    return 0.5 * (bend[:-1] + bend[1:])  # an arc takes half of the bend at either end


def arcs(targets: np.ndarray, turn: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Circular arcs from each virtual target point to the next.

    Args:
      targets: float [N + 1, 2], px.
      turn: float [N], theta_e - theta_s of each arc, rad, strictly between -2 pi and 2 pi.

    Returns:
      (D, theta_s, theta_e), float [N] each: an arc's length in px and its end directions in rad.
    """
    chord = np.diff(targets, axis=0)
    heading = np.arctan2(chord[:, 1], chord[:, 0])
    length = np.hypot(chord[:, 0], chord[:, 1]) / np.sinc(turn / (2 * np.pi))  # chord = D sin(turn/2) / (turn/2)
    return length, heading - turn / 2, heading + turn / 2


def strokes_between(
    targets: np.ndarray,
    turn: np.ndarray,
    mu: np.ndarray,
    sigma: np.ndarray,
    interval: np.ndarray,
    pen_down: np.ndarray,
) -> Strokes:
    """One stroke from each target to the next.

    Args:
      targets: float [N + 1, 2], px.
      turn: float [N], rad, as for `arcs`.
      mu, sigma: float [N], as for `Strokes`.
      interval: float [N - 1], from one stroke's peak to the next one's, s. Below about 4 sigma exp(mu) strokes overlap.
      pen_down: bool [N].
    """
    distance, start_angle, end_angle = arcs(targets, turn)
    onset = np.concatenate([[0], np.cumsum(interval)]) - np.exp(mu - sigma**2)
    return Strokes(distance, onset, mu, sigma, start_angle, end_angle, pen_down)


def reach_targets(strokes: Strokes, targets: np.ndarray, turn: np.ndarray, step: float, rounds: int) -> Strokes:
    """Moves the virtual target points outwards until the trajectory comes near the salient points (iDeLog).

    Strokes that overlap in time cut corners: without this, letters written fast shrink to ripples.

    Args:
      strokes: from `strokes_between`; D and the angles are replaced.
      targets: float [N + 1, 2], px, the salient points; the trajectory starts at the first.
      turn: float [N], rad, as for `arcs`.
      step: s, as for `trajectory`.
      rounds: number of corrections; each removes about half of the remaining distance.
    """
    virtual = targets.copy()
    for _ in range(rounds):
        path = trajectory(strokes, step)
        at = np.searchsorted(path.time, changeover_time(strokes)).clip(max=len(path.time) - 1)
        virtual[1:-1] += 0.7 * (targets[1:-1] - targets[0] - path.position[at])  # a full step would overshoot
        distance, start_angle, end_angle = arcs(virtual, turn)
        strokes = dataclasses.replace(strokes, distance=distance, start_angle=start_angle, end_angle=end_angle)
    return strokes


def perturb(strokes: Strokes, rng: np.random.Generator, amount: float) -> Strokes:
    """Varies every parameter of every stroke a little, as another execution of the same movement does.

    After J. Galbally, R. Plamondon, J. Fierrez and J. Ortega-Garcia, "Synthetic on-line signature generation. Part I:
    Methodology and algorithms", Pattern Recognition 45, 2012, whose duplicates vary the parameters of single strokes.

    Args:
      strokes: the writer's plan.
      rng: source of every random choice.
      amount: variability; 1 for a usual writer, 0 for none.
    """
    aimed = np.where(strokes.pen_down, 1.0, 0.4)  # strokes in the air vary less, because the eye guides them
    distance, onset, mu, sigma, rotation, bend = rng.normal(size=(6, len(strokes.distance))) * aimed * amount
    return dataclasses.replace(
        strokes,
        distance=strokes.distance * np.exp(0.06 * distance),
        onset=strokes.onset + 0.006 * onset,
        mu=strokes.mu + 0.02 * mu,
        sigma=strokes.sigma * np.exp(0.06 * sigma),
        start_angle=strokes.start_angle + 0.05 * (rotation - bend),
        end_angle=strokes.end_angle + 0.05 * (rotation + bend),
    )
