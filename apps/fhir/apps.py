from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FHIRConfig(AppConfig):
    name = "apps.fhir"
    verbose_name = _("FHIR")

    def ready(self) -> None:
        from apps.core.problems import speak
        from apps.fhir import receivers  # noqa: F401 - connects
        from apps.fhir.outcomes import DIALECT

        for beginning in ("/api/fhir", "/api/v1/fhir"):
            speak(beginning, DIALECT)
