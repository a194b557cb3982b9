from django.apps import AppConfig


class WorklistConfig(AppConfig):
    name = "apps.worklist"
    verbose_name = "Worklist"
