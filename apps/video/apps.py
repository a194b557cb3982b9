from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VideoConfig(AppConfig):
    name = "apps.video"
    verbose_name = _("Videos")

    def ready(self) -> None:
        """Uploads can be videos, ended jobs are noted, and what nobody needs any more is swept."""
        from apps.archive import events as archive
        from apps.jobs import events as jobs
        from apps.uploads.resumable import takers
        from apps.video import receivers, renditions, sweeping, taking

        takers.register(taking.PURPOSE, taking.Videos())
        jobs.ending.connect(receivers.on_job_ending, dispatch_uid="apps.video.jobs")
        jobs.minute_passed.connect(sweeping.on_minute, dispatch_uid="apps.video.sweeping")
        archive.settled.connect(renditions.on_settled, dispatch_uid="apps.video.renditions")
        archive.movie_wanted.connect(renditions.on_movie_wanted, dispatch_uid="apps.video.wanted")
