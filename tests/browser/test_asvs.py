"""What the server must not give away, asked of the whole deployment."""

import httpx
import pytest


@pytest.mark.parametrize(
    "path", ["/assets/", "/fonts/", "/.git/config", "/.env", "/sprintreports/settings.py"]
)
def test_no_folder_is_listed_and_no_source_is_served(product, path: str):
    answer = httpx.get(product.url + path)
    assert "Index of" not in answer.text
    assert '.woff2"' not in answer.text
    assert "repositoryformatversion" not in answer.text
    assert "import " not in answer.text[:200]
    assert answer.status_code == 404 or "text/html" in answer.headers["content-type"]


@pytest.mark.parametrize("path", ["/", "/sign-in", "/api/v1/users/me"])
def test_trace_is_not_answered(product, path: str):
    answer = httpx.request("TRACE", product.url + path, headers={"X-Echo": "what-was-sent"})
    assert answer.status_code in {401, 404, 405, 501}
    assert "what-was-sent" not in answer.text
