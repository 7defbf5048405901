"""Who may let another party act for an issuer."""

import pytest

from tests.api.conftest import ISSUER, OTHER


@pytest.mark.parametrize(
    ("role", "agent", "principal", "status"),
    [
        ("issuer", OTHER, ISSUER, 201),
        ("issuer", ISSUER, OTHER, 403),
        ("issuer", OTHER, "", 403),
        ("dealer", ISSUER, OTHER, 403),
        ("auditor", OTHER, ISSUER, 403),
        ("operator", OTHER, ISSUER, 201),
    ],
)
def test_only_who_may_issue_for_a_party_lets_another_act_for_it(api, role, agent, principal, status):
    body = {"role": "issuing_agent", "principal_lei": principal}
    assert api.client(role).post(f"/parties/{agent}/mandates", json=body).status_code == status
