"""Texts that were said in English elsewhere, in the language of the page."""

from django import template

from apps.core import languages

register = template.Library()


@register.filter
def translated(text: object) -> str:
    """A sentence of a service's, or of a stored row's, for whoever reads the page."""
    return languages.translated(text if isinstance(text, str) else str(text))
