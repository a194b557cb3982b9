"""How the patient lies in one study beside how they lay in another: a rigid motion, by mutual information."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from apps.lesions.tracking.images import coarse, image_of
from apps.lesions.tracking.rigid import Rigid
from apps.volumes.geometry.voxels import Voxels

BINS: Final = 32
# Of the voxels, by level, and how coarse each level is.
SAMPLED: Final = (0.5, 0.1)
SHRUNK: Final = (4, 1)
ITERATIONS: Final = 100
# The same samples each time.
SEED: Final = 20090101
# Studies begin at other heights: it is tried in steps along the patient, as long as so much of both overlaps.
STEP_MM: Final = 20.0
LEAST_OVERLAP: Final = 0.4
_TURN_PER_MM: Final = 100.0

Heard = Callable[[int, int], None]


def register(baseline: Voxels, follow_up: Voxels, tell: Heard) -> Rigid:
    """The motion from the baseline to the follow-up; the same of the same volumes.

    Both are looked at coarsely (`images.coarse`). `tell(done, total)` is called now and then. Its similarity says
    whether it is one: volumes that show different things are given some motion too.
    """
    import SimpleITK

    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    tell(0, 3)
    fixed, moving = image_of(coarse(baseline)), image_of(coarse(follow_up))
    tell(1, 3)
    start = _best_start(fixed, moving)
    tell(2, 3)
    found = _optimised(fixed, moving, start)
    return _rigid(found, fixed, moving)


def _method() -> Any:
    import SimpleITK

    method = SimpleITK.ImageRegistrationMethod()
    method.SetMetricAsMattesMutualInformation(BINS)
    method.SetInterpolator(SimpleITK.sitkLinear)
    method.SetMetricSamplingStrategy(method.REGULAR)
    return method


def _best_start(fixed: Any, moving: Any) -> Any:
    """Of the shifts that bring the middles together, and further ones along the patient, the one that fits best."""
    import SimpleITK

    small_fixed, small_moving = (SimpleITK.Shrink(each, _shrinking(each)) for each in (fixed, moving))
    method = _method()
    method.SetMetricSamplingPercentage(SAMPLED[0], SEED)
    best, least = None, np.inf
    for shift in _shifts(fixed, moving):
        start = SimpleITK.Euler3DTransform()
        start.SetCenter(_middle(fixed).tolist())
        start.SetTranslation(shift.tolist())
        method.SetInitialTransform(start)
        worth = method.MetricEvaluate(small_fixed, small_moving)
        if worth < least:
            best, least = start, worth
    return best


def _shrinking(image: Any) -> list[int]:
    return [max(1, min(SHRUNK[0], size // 16)) for size in image.GetSize()]


def _shifts(fixed: Any, moving: Any) -> Iterator[NDArray[np.float64]]:
    """From nothing at all, which is right within one frame of reference, to any along the patient; those that let
    enough overlap."""
    here, there = _reach(fixed), _reach(moving)
    between = _middle(moving) - _middle(fixed)
    steps = int(max(here[1] - here[0], there[1] - there[0]) / STEP_MM)
    along = [between + np.array([0, 0, step * STEP_MM]) for step in range(-steps, steps + 1)]
    return (shift for shift in [np.zeros(3), *along] if _share(here, there, shift[2]) >= LEAST_OVERLAP)


def _share(here: tuple[float, float], there: tuple[float, float], shift: float) -> float:
    """How much of the shorter of two spans lies in the other one, the first moved by `shift`."""
    shared = min(here[1] + shift, there[1]) - max(here[0] + shift, there[0])
    return shared / min(here[1] - here[0], there[1] - there[0])


def _middle(image: Any) -> NDArray[np.float64]:
    return np.array(image.TransformContinuousIndexToPhysicalPoint([(size - 1) / 2 for size in image.GetSize()]))


def _reach(image: Any) -> tuple[float, float]:
    """From which z to which the image goes."""
    sizes = [size - 1 for size in image.GetSize()]
    ends = product(*((0, size) for size in sizes))
    heights = [image.TransformContinuousIndexToPhysicalPoint(end)[2] for end in ends]
    return min(heights), max(heights)


def _optimised(fixed: Any, moving: Any, start: Any) -> Any:
    method = _method()
    method.SetMetricSamplingPercentagePerLevel(list(SAMPLED), SEED)
    method.SetShrinkFactorsPerLevel(list(SHRUNK))
    method.SetSmoothingSigmasPerLevel([float(each) / 2 for each in SHRUNK])
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOff()
    method.SetOptimizerAsRegularStepGradientDescent(
        learningRate=4.0, minStep=0.01, numberOfIterations=ITERATIONS, relaxationFactor=0.6
    )
    # A radian moves what lies at the surface of a body by some hundred millimetres.
    method.SetOptimizerScales([_TURN_PER_MM**2] * 3 + [1.0] * 3)
    method.SetInitialTransform(start, inPlace=False)
    return method.Execute(fixed, moving)


def _rigid(found: Any, fixed: Any, moving: Any) -> Rigid:
    euler = found.GetNthTransform(0) if hasattr(found, "GetNthTransform") else found
    rotation = np.array(euler.GetMatrix()).reshape(3, 3)
    centre = np.array(euler.GetCenter())
    shift = centre + np.array(euler.GetTranslation()) - rotation @ centre
    return Rigid(rotation, shift, *_agreement(fixed, moving, euler))


def _agreement(fixed: Any, moving: Any, motion: Any) -> tuple[float, float]:
    """The correlation where both were imaged, and the share of the first where they were."""
    import SimpleITK

    moved = SimpleITK.GetArrayFromImage(SimpleITK.Resample(moving, fixed, motion, SimpleITK.sitkLinear, float("nan")))
    seen = np.isfinite(moved)
    here, there = SimpleITK.GetArrayFromImage(fixed)[seen], moved[seen]
    if not seen.any() or not (here.std() and there.std()):
        return 0.0, float(seen.mean())
    return float(np.corrcoef(here, there)[0, 1]), float(seen.mean())
