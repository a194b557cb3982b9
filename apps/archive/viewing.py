"""Where the viewer shows what is stored."""


def viewer_url(study_uid: str, series_uid: str = "", instance_uid: str = "") -> str:
    """The viewer with a study, below this site's address; a series of it, or an instance of that, comes first."""
    first = f"&initialSeriesInstanceUID={series_uid}" if series_uid else ""
    first += f"&initialSOPInstanceUID={instance_uid}" if instance_uid else ""
    return f"/viewer/viewer?StudyInstanceUIDs={study_uid}{first}"
