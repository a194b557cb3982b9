"""Requests that may be sent again without being done again: `Idempotency-Key` on a POST of the REST API.

The key is claimed by a row before the request is done, so that of two at once one is done, in whichever process. The
answer is kept sealed for a day: it may hold a patient's name, or a secret that is shown once.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson
from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from apps.accounts.models import IdempotencyKey
from apps.accounts.principal import Principal
from apps.core.bodies import whole
from apps.core.errors import Conflict, Invalid, KeyBusy, KeyReused
from apps.core.sealed import Unsealable, seal, unseal
from apps.saying import say

HEADER: Final = "HTTP_IDEMPOTENCY_KEY"
REPLAYED: Final = "Idempotency-Replayed"
KEPT_FOR: Final = timedelta(hours=24)
# A request that ended without an answer, with its process, may be done again after so long.
AT_WORK_FOR: Final = timedelta(minutes=10)
MOST_BYTES: Final = 64 << 10
MOST_KEYS: Final = 100_000
AT_ONCE: Final = 1000
JSON: Final = frozenset({"application/json", "application/fhir+json"})
KEY: Final = re.compile(r'"?([\x21\x23-\x7e]{1,255})"?')
# What says nothing of the request itself, so that the same one may be answered otherwise in a moment.
NOT_KEPT: Final = frozenset({401, 403, 408, 412, 413, 429})


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do the request, for whoever came first with its key."""

    pk: int
    began_at: Any

    def settle(self, response: HttpResponse) -> None:
        """Keep what it was answered; a fault of the server's own is forgotten, so that it can be tried again."""
        if response.status_code >= 500 or response.status_code in NOT_KEPT:
            self.release()
        else:
            self._rows().update(status=response.status_code, answer=_sealed(response))

    def release(self) -> None:
        """Let the key be used as if it had not been."""
        self._rows().delete()

    def _rows(self) -> Any:
        return IdempotencyKey.objects.filter(pk=self.pk, began_at=self.began_at)


def key_of(request: HttpRequest) -> str:
    """The request's key, with or without quotes; empty for none. Raises Invalid."""
    given = request.META.get(HEADER, "")
    if not given:
        return ""
    if not (match := KEY.fullmatch(given.strip())):
        raise Invalid(say("An Idempotency-Key is 1 to 255 visible ASCII characters, best a random UUID."))
    return match[1]


def claim(request: HttpRequest, principal: Principal, key: str) -> Claim | HttpResponse:
    """The right to do the request, or what it was answered the first time.

    Raises KeyReused for another request with this key, KeyBusy while the first is at work, Conflict where the answer
    can't be given again.
    """
    facts = {"fingerprint": _fingerprint(request), "rights": _rights(principal)}
    mine = {"user_id": principal.user_id, "key": key}
    row, is_new = IdempotencyKey.objects.get_or_create(**mine, defaults=facts)
    now = timezone.now()
    if not is_new and row.began_at <= now - (AT_WORK_FOR if row.status is None else KEPT_FOR):
        mine = {"pk": row.pk, "began_at": row.began_at}
        is_new = bool(IdempotencyKey.objects.filter(**mine).update(**facts, began_at=now, status=None, answer=""))
        row.began_at = now
    return Claim(row.pk, row.began_at) if is_new else _again(row, **facts)


def prune(**_: Any) -> None:
    """Forget what is a day old, and the oldest of whoever has very many. A worker does it about once a minute."""
    for pks in _old():
        IdempotencyKey.objects.filter(pk__in=pks).delete()


def _again(row: IdempotencyKey, fingerprint: str, rights: str) -> HttpResponse:
    if row.fingerprint != fingerprint:
        raise KeyReused(say("Send a new request with a new key; the same one again must be the same to the byte."))
    if row.status is None:
        raise KeyBusy(say("Ask again in a moment for its answer."))
    if row.rights != rights:
        raise Conflict(say("It was done, but your rights have changed since, so that its answer is not given again."))
    try:
        kept = orjson.loads(unseal(row.answer) or "null")
    except Unsealable as error:
        raise Conflict(
            say("It was done, but the site's key has changed since, and the answer can't be read.")
        ) from error
    if kept is None:
        raise Conflict(say("It was done, but its answer was too large to keep. Look for what it made."))
    return HttpResponse(
        kept["body"].encode("latin-1"), status=row.status, headers={**kept["headers"], REPLAYED: "true"}
    )


def _sealed(response: HttpResponse) -> str:
    if response.streaming or len(response.content) > MOST_BYTES:
        return ""
    kept = {"headers": dict(response.headers), "body": response.content.decode("latin-1")}
    return seal(orjson.dumps(kept).decode())


def _fingerprint(request: HttpRequest) -> str:
    """What makes it the same request: JSON by its bytes, an upload by what it declares, for it is not read twice."""
    kind = request.content_type
    said = [request.META.get("CONTENT_LENGTH", ""), request.META.get("HTTP_CONTENT_DIGEST", "")]
    body = hashlib.sha256(whole(request)).hexdigest() if kind in JSON else " ".join(said)
    parts = [request.path_info.rstrip("/"), request.META.get("QUERY_STRING", ""), kind, body]
    return hmac.new(settings.SECRET_KEY.encode(), "\n".join(map(str, parts)).encode(), hashlib.sha256).hexdigest()


def _rights(principal: Principal) -> str:
    """What the caller may do, and where: the answer is for who may do as much as the one that it was given to."""
    reaches = sorted(
        [each.practice_id or 0, each.scope.value, each.role_id, *sorted(each.permissions)] for each in principal.reaches
    )
    facts = [principal.practice_id, principal.is_superuser, reaches]
    return hashlib.sha256(orjson.dumps(facts, default=str)).hexdigest()


def _old() -> Iterator[list[int]]:
    rows = IdempotencyKey.objects.order_by("began_at").values_list("pk", flat=True)
    yield list(rows.filter(began_at__lt=timezone.now() - KEPT_FOR)[:AT_ONCE])
    busy = IdempotencyKey.objects.order_by().values_list("user").annotate(keys=Count("pk")).filter(keys__gt=MOST_KEYS)
    for user, keys in busy:
        yield list(rows.filter(user=user)[: min(keys - MOST_KEYS, AT_ONCE)])
