from django.apps import AppConfig


class DimseConfig(AppConfig):
    name = "apps.dimse"
    verbose_name = "DICOM network server"
