from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CalciumConfig(AppConfig):
    name = "apps.calcium"
    verbose_name = _("Coronary calcium")
