"""The stub that `tux sync` writes: every manager once, whatever its class is called."""

from __future__ import annotations

import ast

from tux.core.managers import SettingsManager, SwitchesManager
from tux.registry.facade import WIDTH, facade_text


def attributes(text):
    classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    return {node.target.id: node.annotation.id for node in classes[0].body if isinstance(node, ast.AnnAssign)}


def test_every_manager_is_an_attribute_of_its_class():
    text = facade_text({"switches": SwitchesManager, "settings": SettingsManager})
    assert attributes(text) == {"settings": "SettingsManager", "switches": "SwitchesManager"}
    assert "from tux.core.managers import SettingsManager, SwitchesManager\n" in text


def test_the_order_of_registration_does_not_show():
    managers = {"switches": SwitchesManager, "settings": SettingsManager}
    assert facade_text(managers) == facade_text(dict(reversed(managers.items())))


def test_classes_of_one_name_in_two_plugins_are_told_apart():
    other = type("SettingsManager", (), {"__module__": "plugins.shop.managers"})
    text = facade_text({"settings": SettingsManager, "shop_settings": other})
    assert "from plugins.shop.managers import SettingsManager as ShopSettingsSettingsManager\n" in text
    assert attributes(text) == {
        "settings": "SettingsSettingsManager",
        "shop_settings": "ShopSettingsSettingsManager",
    }


def test_a_long_import_is_wrapped_as_ruff_would():
    managers = {
        f"item_{n}": type(f"ItemNumber{n}Manager", (), {"__module__": "plugins.shop.managers"}) for n in range(9)
    }
    text = facade_text(managers)
    assert len(attributes(text)) == 9
    assert "from plugins.shop.managers import (\n    ItemNumber0Manager,\n" in text
    assert max(map(len, text.splitlines())) <= WIDTH


def test_a_project_without_managers_has_a_facade_too():
    assert "class Managers:\n    ...\n" in facade_text({})
