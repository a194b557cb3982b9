"""Reading the environment: what is understood, and what is refused with a word on how to write it."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import databases, env

NAME = "FOVEA_TESTED"


def test_a_variable_that_is_not_set_has_its_default() -> None:
    assert env.text(NAME, "x") == "x"
    assert env.integer(NAME, 7) == 7
    assert env.flag(NAME, default=True)
    assert env.words(NAME) == []


@pytest.mark.parametrize(("value", "meant"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("", False)])
def test_flags(monkeypatch: pytest.MonkeyPatch, value: str, meant: bool) -> None:
    monkeypatch.setenv(NAME, value)
    assert env.flag(NAME, default=not meant) is meant


def test_an_unclear_flag_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "maybe")
    with pytest.raises(ImproperlyConfigured, match="write 1 or 0"):
        env.flag(NAME)


@pytest.mark.parametrize("value", ["", "x", "1.5", "-1", "0"])
def test_a_number_that_is_none_or_too_small_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured, match="at least 1"):
        env.integer(NAME, 5, minimum=1)


def test_a_secret_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))
    assert env.text(NAME) == "s3cret"


def test_lists_leave_out_what_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, " a, ,b,")
    assert env.words(NAME) == ["a", "b"]


@pytest.mark.parametrize(
    ("value", "meant"), [("127.0.0.1:8000", ("127.0.0.1", 8000)), ("[::1]:80", ("::1", 80)), ("fovea:1", ("fovea", 1))]
)
def test_addresses(monkeypatch: pytest.MonkeyPatch, value: str, meant: tuple[str, int]) -> None:
    monkeypatch.setenv(NAME, value)
    assert env.host_and_port(NAME, "x:1") == meant


@pytest.mark.parametrize("value", ["8000", ":8000", "host", "host:", "host:99999", "host:http"])
def test_half_an_address_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured, match="HOST:PORT"):
        env.host_and_port(NAME, "x:1")


def test_the_database_is_embedded_by_default(tmp_path: Path) -> None:
    found = databases.from_url("", tmp_path)
    assert found["NAME"] == str(tmp_path / "fovea.sqlite3")
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_a_postgresql_url_is_taken_apart(tmp_path: Path) -> None:
    found = databases.from_url("postgresql://fovea:p%40ss@db:5433/archive?sslmode=require", tmp_path)
    assert [found[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "fovea", "p@ss", "db", "5433", "archive",
    ]  # fmt: skip
    assert found["OPTIONS"] == {"sslmode": "require"}
    assert found["CONN_MAX_AGE"] is None


def test_another_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="FOVEA_DATABASE_URL"):
        databases.from_url("mysql://db/archive", tmp_path)


def test_origins_are_as_browsers_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "https://viewer.example.org, http://localhost:3000,http://[::1]:8080")
    assert env.origins(NAME) == ["https://viewer.example.org", "http://localhost:3000", "http://[::1]:8080"]


@pytest.mark.parametrize(
    "origin", ["*", "viewer.example.org", "https://viewer.example.org/", "https://Viewer.org", "null"]
)
def test_what_is_no_origin_is_refused(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    monkeypatch.setenv(NAME, origin)
    with pytest.raises(ImproperlyConfigured, match="without a path"):
        env.origins(NAME)


@pytest.mark.parametrize(
    ("given", "expected"),
    [("", ""), ("https://a.example.org/images/", "https://a.example.org/images"), ("http://a:8080", "http://a:8080")],
)
def test_an_address_has_no_slash_at_its_end(monkeypatch: pytest.MonkeyPatch, given: str, expected: str) -> None:
    monkeypatch.setenv(NAME, given)
    assert env.url(NAME) == expected


@pytest.mark.parametrize(
    "given", ["a.example.org", "ftp://a.example.org", "https://a.example.org/?x", "https:///images"]
)
def test_what_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv(NAME, given)
    with pytest.raises(ImproperlyConfigured, match="write https://HOST"):
        env.url(NAME)
