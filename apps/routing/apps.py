from django.apps import AppConfig


class RoutingConfig(AppConfig):
    name = "apps.routing"

    def ready(self) -> None:
        from apps.archive import events
        from apps.routing import interest, noting

        events.within_store(noting.note)
        interest.connect()
