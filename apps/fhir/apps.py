from django.apps import AppConfig


class FHIRConfig(AppConfig):
    name = "apps.fhir"
    verbose_name = "FHIR"
