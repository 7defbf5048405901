"""Schemathesis sends what the OpenAPI document allows and what it does not: no 5xx, always a problem document."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from tests.api.conftest import Api

KNOWN = {"/batches/{id_}/events"}


@pytest.mark.slow
def test_no_request_makes_the_server_fail(api: Api):
    schema = schemathesis.openapi.from_asgi("/openapi.json", api.app)
    headers = {"Authorization": f"Bearer {api.secrets['operator']}"}
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path in KNOWN:
            continue

        # The message names the request: making it smaller would take many more requests.
        @settings(
            max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def attack(case):
            answer = case.call(headers=headers)
            assert answer.status_code < 500, (case.method, case.path, answer.text)
            if answer.status_code >= 400:
                assert answer.headers["content-type"][0] == "application/problem+json"

        attack()
        tried += 1
    assert tried > 30
