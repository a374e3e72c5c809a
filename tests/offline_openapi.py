"""Holds every exchange of the local Discord, in all tests of a session, against Discord's own OpenAPI document.

The document is test data that is not in the tree: TUX_DISCORD_OPENAPI names it, else it is looked for beside the tree.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.exceptions import ValidationError

    from tux.offline.server import Exchange

BESIDE = Path(__file__).parents[2] / "shared" / "data" / "discord-openapi.json"
NAME = "urn:discord"
SMALLEST_SNOWFLAKE = 1 << 40
PERMISSIONS = ("allow", "deny", "permissions")
NOT_IMPLEMENTED = 501
SUCCESS = range(200, 300)


def document_path() -> Path:
    """Return where the document is expected."""
    named = os.environ.get("TUX_DISCORD_OPENAPI")
    return Path(named) if named else BESIDE


class Contract:
    """Validates exchanges, counts them and keeps what did not fit."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.paths: dict[str, Any] = document["paths"]
        self.patterns = [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), path) for path in self.paths]
        self.patterns.sort(key=lambda entry: entry[1].count("{"))
        resource = Resource.from_contents({"$id": NAME, **document}, default_specification=DRAFT202012)
        self.registry = Registry().with_resource(NAME, resource)
        self.validated: Counter[str] = Counter()
        self.operations: set[str] = set()
        self.mismatches: list[str] = []
        self.template_of = cache(self._template_of)
        self.validator = cache(self._validator)

    def observe(self, exchange: Exchange) -> None:
        """Validate one exchange: the answer always, the request when it was not refused."""
        template = self.template_of(exchange.method.lower(), exchange.path)
        if template is None:
            if exchange.status != NOT_IMPLEMENTED:
                self.mismatches.append(f"{exchange.method} {exchange.path} is not in Discord's document")
            return
        operation = self.paths[template][exchange.method.lower()]
        base = f"/paths/{escape(template)}/{exchange.method.lower()}"
        self.operations.add(f"{exchange.method} {template}")
        if exchange.status in SUCCESS and exchange.body is not None and "requestBody" in operation:
            self._check("request", f"{base}/requestBody", operation["requestBody"], as_documented(exchange.body))
        status = str(exchange.status)
        response = status if status in operation["responses"] else "4XX"
        if exchange.status in SUCCESS and response != status:
            self.mismatches.append(f"{exchange.method} {template} does not answer {status}")
        elif exchange.answer is not None:
            part = operation["responses"][response]
            self._check("answer", f"{base}/responses/{response}", part, without_details(exchange))

    def _check(self, kind: str, pointer: str, part: dict[str, Any], value: object) -> None:
        if "$ref" in part:
            pointer, part = part["$ref"].removeprefix("#"), {"content": {"application/json": {"schema": {}}}}
        if "application/json" not in part.get("content", {}):
            return
        self.validated[kind] += 1
        for error in self.validator(f"{pointer}/content/application~1json/schema").iter_errors(value):
            worst = deepest(error)
            place = "/".join(map(str, worst.absolute_path))
            self.mismatches.append(f"{kind} of {pointer}: {place}: {worst.message[:300]}")

    def _template_of(self, method: str, path: str) -> str | None:
        found = (template for pattern, template in self.patterns if pattern.fullmatch(path))
        return next((template for template in found if method in self.paths[template]), None)

    def _validator(self, pointer: str) -> Draft202012Validator:
        return Draft202012Validator({"$ref": f"{NAME}#{quote(pointer)}"}, registry=self.registry)


def as_documented(value: object) -> object:
    """Return a body with snowflakes as texts and permissions as numbers.

    discord.py sends snowflakes as numbers and permissions as texts; the document wants it the other way round, and
    Discord takes both.
    """
    if isinstance(value, dict):
        out = {key: as_documented(item) for key, item in value.items()}
        for attachment in out.get("attachments") or ():
            attachment["id"] = str(attachment["id"])
        out |= {key: int(out[key]) for key in PERMISSIONS if str(out.get(key)).isdigit()}
        return out
    if isinstance(value, list):
        return [as_documented(item) for item in value]
    is_snowflake = isinstance(value, int) and value > SMALLEST_SNOWFLAKE
    return str(value) if is_snowflake else value


def without_details(exchange: Exchange) -> object:
    """Return the answer; a refusal without its details, whose codes the document calls numbers and Discord sends as texts."""
    if exchange.status in SUCCESS or not isinstance(exchange.answer, dict):
        return exchange.answer
    return {key: value for key, value in exchange.answer.items() if key != "errors"}


def escape(path: str) -> str:
    """Return a path as one step of a JSON pointer."""
    return path.replace("~", "~0").replace("/", "~1")


def deepest(error: ValidationError) -> ValidationError:
    """Return the likeliest cause inside a failed choice: of the branch whose `type` fits, what came furthest."""
    while error.context:
        wrong = {inner.schema_path[0] for inner in error.context if list(inner.path)[-1:] == ["type"]}
        fitting = [inner for inner in error.context if inner.schema_path[0] not in wrong]
        error = max(fitting or error.context, key=lambda inner: len(inner.absolute_path))
    return error


CONTRACT = pytest.StashKey[Contract | None]()


def pytest_configure(config: pytest.Config) -> None:
    """Watch every local Discord of the session."""
    path = document_path()
    config.stash[CONTRACT] = None
    if path.is_file():
        config.stash[CONTRACT] = Contract(json.loads(path.read_text()))


@pytest.fixture(scope="session", autouse=True)
def _watched(pytestconfig: pytest.Config) -> Iterator[None]:
    contract = pytestconfig.stash[CONTRACT]
    if contract is None:
        yield
        return
    from tux.offline.server import observers

    observers.append(contract.observe)
    yield
    observers.remove(contract.observe)


@pytest.fixture(autouse=True)
def _kept_to_contract(pytestconfig: pytest.Config) -> Iterator[None]:
    yield
    contract = pytestconfig.stash[CONTRACT]
    if contract is not None and contract.mismatches:
        found, contract.mismatches = contract.mismatches, []
        pytest.fail(
            "the local Discord and Discord's document differ:\n" + "\n".join(dict.fromkeys(found)), pytrace=False
        )


@pytest.fixture
def contract(pytestconfig: pytest.Config) -> Contract:
    """The session's contract; a test that needs it is skipped when the document is absent."""
    found = pytestconfig.stash[CONTRACT]
    if found is None:
        pytest.skip(f"Discord's OpenAPI document is not at {document_path()} (TUX_DISCORD_OPENAPI names another place)")
    return found


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what a test process counted to the one that prints."""
    contract = session.config.stash[CONTRACT]
    output = getattr(session.config, "workeroutput", None)
    if contract is not None and output is not None:
        output["openapi"] = (dict(contract.validated), sorted(contract.operations))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add up what the test processes counted."""
    contract: Contract | None = node.config.stash[CONTRACT]
    counted = getattr(node, "workeroutput", {}).get("openapi")
    if contract is not None and counted is not None:
        contract.validated.update(counted[0])
        contract.operations.update(counted[1])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how much was validated, or why nothing was."""
    contract = config.stash[CONTRACT]
    if contract is None:
        line = f"Discord's OpenAPI document: not at {document_path()}, nothing validated"
    else:
        requests, answers = contract.validated["request"], contract.validated["answer"]
        line = (
            f"Discord's OpenAPI document: {requests} requests and {answers} answers validated, "
            f"{len(contract.operations)} operations"
        )
    terminalreporter.line(line)
