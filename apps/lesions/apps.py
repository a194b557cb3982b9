from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LesionsConfig(AppConfig):
    name = "apps.lesions"
    verbose_name = _("Lesions")
