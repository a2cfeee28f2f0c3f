"""GET /health and its parts."""

import pytest


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "names"), [("/health/db", {"db"}), ("/health/redis", {"redis"})])
def test_a_healthy_part_answers_200_with_its_latency(client, path, names):
    response = client.get(path)
    assert (response.status_code, response.json()["status"]) == (200, "healthy")
    assert set(response.json()["checks"]) == names


@pytest.mark.django_db
def test_a_dead_redis_answers_503_in_the_same_shape_and_names_no_host(client, settings):
    settings.REDIS_URL = "redis://:secret@127.0.0.1:1"
    response = client.get("/health/redis")
    assert response.status_code == 503
    assert response.json()["checks"]["redis"]["status"] == "unhealthy"
    assert "127.0.0.1" not in response.content.decode()
    assert "secret" not in response.content.decode()
