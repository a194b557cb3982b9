"""A video file into a DICOM file: examined, decided on, produced, wrapped, and opened again."""

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from apps.saying import say
from apps.video.conversion.deciding import decide, is_doubtful
from apps.video.conversion.jpegs import NotBaseline
from apps.video.conversion.outcome import Outcome, Stream
from apps.video.conversion.plan import Plan
from apps.video.conversion.policy import Policy
from apps.video.errors import Code, Refused
from apps.video.streams.facts import Probe, Scan
from apps.video.streams.probing import probe
from apps.video.streams.scanning import scan
from apps.video.streams.telling import Tell, quiet

if TYPE_CHECKING:
    from apps.video.objects.metadata import Metadata
    from apps.video.streams.damage import Damage

Examined = tuple[Probe, Scan, "Damage | None", Plan]


def examine(source: Path, policy: Policy, tell: Tell = quiet) -> Examined:
    """What a file is, and what is to be done with it; nothing is written. Raises `Refused`.

    Pictures are decoded only where something seems wrong (`deciding.is_doubtful`).
    """
    from apps.video.streams.damage import strict

    probed = probe(source)
    scanned = scan(source, probed, tell=tell)
    damage = strict(source, probed, tell) if is_doubtful(probed, scanned) else None
    return probed, scanned, damage, decide(probed, scanned, damage, policy)


def convert(
    source: Path,
    target: Path,
    metadata: "Metadata",
    policy: Policy | None = None,
    *,
    tell: Tell = quiet,
    examined: Examined | None = None,
) -> Outcome:
    """Make `target`, a DICOM file, of a video file; it appears when it is finished and verified, or not at all.

    What is made on the way lies in a folder beside it, which is gone afterwards: as much room is needed as for two
    copies of the stream. `examined` is what `examine` found of the same file. `tell` stops the work by an exception.
    Raises `Refused`.
    """
    policy = policy or Policy()
    probed, scanned, damage, plan = examined or examine(source, policy, tell)
    # What is passed through has none.
    metadata = replace(metadata, is_user_data_removed=metadata.is_user_data_removed or scanned.has_user_data)
    attempt = _Attempt(source, target, metadata, policy, tell)
    try:
        return attempt.run(probed, scanned, plan)
    except Refused as refused:
        if refused.code is not Code.MISMATCH or not plan.path.is_exact:
            raise
        # Kept as they were, the pictures are not those that a decoder shows of the file, or don't fit the attributes.
        reason = refused.reason
    except NotBaseline:
        # Only reading all of them tells that one of the JPEGs is of another kind.
        reason = say("Not all of the JPEGs are of the baseline kind and of one size.")
    return attempt.run(probed, scanned, decide(probed, scanned, damage, policy, failed=reason))


@dataclass(frozen=True, slots=True)
class _Attempt:
    source: Path
    target: Path
    metadata: "Metadata"
    policy: Policy
    tell: Tell

    def run(self, probed: Probe, scanned: Scan, plan: Plan) -> Outcome:
        """Follow the plan; nothing is left after an exception."""
        from apps.video.conversion.producing import produce

        with TemporaryDirectory(dir=self.target.parent, prefix=".converting-") as made:
            folder = Path(made)
            stream = produce(self.source, probed, scanned, plan, self.policy, folder, self.tell)
            return self._finished(stream, folder)

    def _finished(self, stream: Stream, folder: Path) -> Outcome:
        from apps.video.conversion.verifying import verify
        from apps.video.conversion.wrapping import wrap
        from apps.video.objects.attributes import dataset
        from apps.video.objects.head import head

        made = dataset(self.metadata, stream)
        part = folder / "object.dcm"
        fragments = wrap(stream, head(made, stream), part, tell=self.tell)
        if stream.file != self.source:
            stream.file.unlink()
        verification = verify(part, fragments, stream, self.source, self.tell)
        part.replace(self.target)
        return Outcome(
            target=self.target,
            stream=stream,
            verification=verification,
            sop_instance_uid=str(made.SOPInstanceUID),
            encoder=stream.encoder,
        )
