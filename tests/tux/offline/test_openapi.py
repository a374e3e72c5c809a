from __future__ import annotations

import pytest

from tux.offline.server import Exchange

MESSAGES = "/channels/{channel}/messages"


async def test_every_exchange_is_held_against_the_document(contract, general):
    before = contract.validated.copy()
    await general.send("hello")
    assert contract.validated["request"] == before["request"] + 1
    assert contract.validated["answer"] == before["answer"] + 1


@pytest.mark.parametrize(
    ("exchange", "complaint"),
    [
        (Exchange("POST", MESSAGES, "/channels/1/messages", {"content": 5}, 200, None), "content: 5 is not of type"),
        (Exchange("POST", MESSAGES, "/channels/1/messages", None, 200, {"id": "1"}), "is a required property"),
        (Exchange("POST", MESSAGES, "/channels/1/messages", None, 404, {"code": "x"}), "is a required property"),
        (Exchange("GET", "/nowhere", "/nowhere", None, 200, {}), "GET /nowhere is not in Discord's document"),
        (Exchange("POST", MESSAGES, "/channels/1/messages", None, 204, None), "does not answer 204"),
    ],
)
def test_a_planted_mismatch_is_found(contract, exchange, complaint):
    contract.observe(exchange)
    found, contract.mismatches = contract.mismatches, []
    assert any(complaint in mismatch for mismatch in found), found


def test_a_bad_request_that_was_refused_is_no_mismatch(contract):
    refusal = {"code": 50035, "message": "Invalid Form Body"}
    contract.observe(Exchange("POST", MESSAGES, "/channels/1/messages", {"content": 5}, 400, refusal))
    assert contract.mismatches == []
