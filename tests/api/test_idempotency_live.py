"""One key, many requests at once, two processes: one is done."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.live import Answer, Server, Site

HEADERS = {"Content_Type": "application/json", "Idempotency_Key": "0f3cf5c0-70e0-41ef-a1c5-1d6a6f3d9f11"}
LEAD = json.dumps({"familyName": "Doe", "givenName": "Jane", "birthDate": "1970-01-02"}).encode()


def listed(server: Server) -> list[Any]:
    return list(json.loads(server.request("GET", "/api/leads").body)["results"])


@pytest.mark.one_database
def test_of_many_at_once_one_is_done(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Site(tmp_path_factory.mktemp("keys")) as site, site.serving() as one, site.serving() as other:

        def ask(number: int) -> Answer:
            return (one, other)[number % 2].request("POST", "/api/leads", LEAD, **HEADERS)

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(ask, range(16)))
        statuses = Counter(answer.status for answer in answers)
        assert set(statuses) <= {201, 409}
        assert len({answer.body for answer in answers if answer.status == 201}) == 1
        assert len(listed(one)) == 1
        assert ask(0).body == ask(1).body
