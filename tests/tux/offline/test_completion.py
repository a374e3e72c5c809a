from __future__ import annotations

import pytest

from tux.offline.completion import Vocabulary, completions
from tux.offline.script import BOOLEAN, CHANNEL, GROUP, STRING, SUBCOMMAND, USER

COMMANDS = [
    {
        "name": "warn",
        "type": 1,
        "options": [{"name": "member", "type": USER}, {"name": "reason", "type": STRING}],
    },
    {
        "name": "cases",
        "type": 1,
        "options": [
            {
                "name": "list",
                "type": SUBCOMMAND,
                "options": [
                    {"name": "kind", "type": STRING, "choices": [{"name": "Ban"}, {"name": "Warn"}]},
                    {"name": "open", "type": BOOLEAN},
                ],
            },
            {"name": "log", "type": GROUP, "options": [{"name": "set", "type": SUBCOMMAND, "options": [
                {"name": "channel", "type": CHANNEL}]}]},
        ],
    },
    {"name": "Report", "type": 3},
]  # fmt: skip
VOCABULARY = Vocabulary(
    commands=COMMANDS,
    orders={"as": ["alice", "bob"], "click": [], "commands": []},
    users=["alice", "bob"],
    channels=["general", "mod-log"],
    roles=["Moderators", "Level 1"],
)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("/", ["/cases ", "/warn "]),
        ("/w", ["/warn "]),
        ("/nothing", []),
        ("/warn ", ["member:", "reason:"]),
        ("/warn member:@bob ", ["reason:"]),
        ("/warn member:@a", ["member:@alice "]),
        ("/warn @b", ["@bob "]),
        ("/cases ", ["list ", "log "]),
        ("/cases l", ["list ", "log "]),
        ("/cases log ", ["set "]),
        ("/cases log set channel:", ["channel:#general ", "channel:#mod-log "]),
        ("/cases list kind:b", ["kind:Ban "]),
        ("/cases list open:", ["open:no ", "open:yes "]),
        ("/unknown x", []),
        (":", [":as ", ":click ", ":commands "]),
        (":cl", [":click "]),
        (":as ", ["alice ", "bob "]),
        (":as b", ["bob "]),
        ("hello @", ["@alice ", "@bob "]),
        ("look at #m", ["#mod-log "]),
        ("ask &", ["&Moderators "]),
        ("hello", []),
    ],
)  # fmt: skip
def test_tab_offers_what_the_word_could_become(line, offered):
    assert completions(line, VOCABULARY) == offered
