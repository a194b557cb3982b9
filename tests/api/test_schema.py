"""/api/schema and /api/docs."""

import re

import pytest
import yaml
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

PLAIN_FILES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


def test_the_schema_is_valid_and_complete(tmp_path: object) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", f"{tmp_path}/schema.yml")


def test_the_schema_speaks_as_the_api_does(anonymous: Client, db: None) -> None:
    schema = yaml.safe_load(anonymous.get("/api/schema").content)
    assert {"/api/me", "/api/studies/{uid}", "/api/jobs/{id}/cancel"} <= set(schema["paths"])
    assert "patientBirthDate" in schema["components"]["schemas"]["Study"]["properties"]
    names = {parameter["name"] for parameter in schema["paths"]["/api/studies"]["get"]["parameters"]}
    assert names == {"patientName", "patientId", "studyDateFrom", "studyDateTo", "modality", "accessionNumber"} | {
        *("label", "patientBirthDate", "studyDescription", "receivedAfter"),
        *("limit", "offset", "ordering", "fields"),
    }
    failed = schema["paths"]["/api/me"]["get"]["responses"]["default"]["content"]
    assert list(failed) == ["application/problem+json"]


@pytest.fixture
def page(anonymous: Client, settings: Settings) -> str:
    settings.STORAGES = {**settings.STORAGES, **PLAIN_FILES}
    response = anonymous.get("/api/docs/")
    assert response.status_code == 200
    assert "script-src 'self';" in response["Content-Security-Policy"]
    return response.content.decode()


def test_the_docs_load_this_servers_own_files_alone(page: str) -> None:
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) == 4
    for address in addresses:
        assert address.startswith("/static/")
        assert finders.find(address.removeprefix("/static/"))
    assert not re.search(r"<script>|<style|\son\w+=|style=", page)
