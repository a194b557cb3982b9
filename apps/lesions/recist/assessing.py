"""The assessment of each study in its turn: sums, nadir, and responses."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.lesions.recist.findings import MICROMETRES, Finding
from apps.lesions.recist.nontargets import is_back, non_target_response
from apps.lesions.recist.overall import overall_response
from apps.lesions.recist.responses import Response
from apps.lesions.recist.targets import sum_of, target_response


@dataclass(frozen=True, slots=True)
class TimePoint:
    """What one study shows of the lesions of baseline, in their order, and whether there are unequivocal new ones."""

    targets: tuple[Finding, ...] = ()
    non_targets: tuple[Finding, ...] = ()
    has_new: bool = False


@dataclass(frozen=True, slots=True)
class Assessment:
    """Sums in millimetres; None where they are not known. `nadir_mm` is the smallest one before this time point.

    The responses are None at baseline, and where there were no such lesions.
    """

    sum_mm: float | None
    baseline_mm: float | None
    nadir_mm: float | None
    has_new: bool
    target: Response | None = None
    non_target: Response | None = None
    overall: Response | None = None

    @property
    def of_baseline(self) -> float | None:
        """The change since baseline in percent."""
        return _change(self.sum_mm, self.baseline_mm)

    @property
    def of_nadir(self) -> float | None:
        """The change since the nadir in percent."""
        return _change(self.sum_mm, self.nadir_mm)


def assess(points: Sequence[TimePoint]) -> list[Assessment]:
    """The assessment of each, the first of which is baseline. Raises ValueError where baseline has no lesions."""
    if not points or not (points[0].targets or points[0].non_targets):
        raise ValueError("Without lesions at baseline there is no response.")
    sums = [sum_of(point.targets) for point in points]
    done = [Assessment(_mm(sums[0]), _mm(sums[0]), None, has_new=False)]
    last = None
    for number, point in enumerate(points[1:], start=1):
        done.append(_assessed(point, sums[: number + 1], last))
        # What could not be evaluated says nothing of what was before.
        last = done[-1].overall if done[-1].overall is not Response.NOT_EVALUABLE else last
    return done


def _assessed(point: TimePoint, sums: Sequence[int | None], last: Response | None) -> Assessment:
    nadir = min((each for each in sums[:-1] if each is not None), default=None)
    target = target_response(point.targets, sums[0], nadir)
    non_target = non_target_response(point.non_targets)
    overall = overall_response(target, non_target, has_new=point.has_new)
    if last is Response.COMPLETE and _is_back(point):
        overall = Response.PROGRESSIVE
    return Assessment(_mm(sums[-1]), _mm(sums[0]), _mm(nadir), point.has_new, target, non_target, overall)


def _is_back(point: TimePoint) -> bool:
    """After a complete response anything that is there again is progression (Table 3, note a)."""
    targets = any(each.size is not None and not each.is_cleared for each in point.targets)
    return targets or any(map(is_back, point.non_targets))


def _mm(size: int | None) -> float | None:
    return None if size is None else size / MICROMETRES


def _change(now: float | None, then: float | None) -> float | None:
    return None if now is None or not then else 100 * (now - then) / then
