from django.apps import AppConfig


class DicomWebConfig(AppConfig):
    name = "apps.dicomweb"
