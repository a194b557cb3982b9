from django.apps import AppConfig


class HL7Config(AppConfig):
    name = "apps.hl7"
    verbose_name = "HL7"
