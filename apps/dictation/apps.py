from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DictationConfig(AppConfig):
    name = "apps.dictation"
    verbose_name = _("Dictation")
