from __future__ import annotations

import pytest
from pydantic import ValidationError

from plugins.levels.settings import LevelSettings


@pytest.mark.parametrize(
    ("roles", "places", "xp"),
    [
        ([], [1], 10),
        ([5], [1], 20),
        ([5, 6], [1], 30),
        ([7], [1], 5),
        ([5], [2], 10),
        ([], [3], 0),
        ([5], [3], 0),
        ([], [9, 2], 5),
        ([], [1, 2], 5),
        ([7], [4], 1),
    ],
)
def test_a_message_earns_by_the_highest_role_and_the_place(roles, places, xp):
    settings = LevelSettings(
        xp_per_message=10, role_factors={5: 2, 6: 3, 7: 0.5}, channel_factors={2: 0.5, 3: 0, 4: 0.01}
    )
    assert settings.xp_of_message(roles, places) == xp


def test_the_roles_of_a_level_are_all_up_to_it_or_the_highest_alone():
    rewards = {5: 50, 10: 100, 20: 200}
    keeping, moving = LevelSettings(rewards=rewards), LevelSettings(rewards=rewards, keep_rewards=False)
    assert [keeping.roles_at(level) for level in (4, 5, 12)] == [set(), {50}, {50, 100}]
    assert [moving.roles_at(level) for level in (4, 5, 12)] == [set(), {50}, {100}]


@pytest.mark.parametrize(
    "wrong", [{"xp_per_message": 0}, {"rewards": {0: 5}}, {"role_factors": {5: 11}}, {"decay_percent": 51}]
)
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ValidationError):
        LevelSettings(**wrong)
