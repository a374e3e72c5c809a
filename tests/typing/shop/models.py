from __future__ import annotations

from tortoise import fields

from tux.models import Model, guild_key


class ShopItem(Model):
    guild = guild_key(related_name="shop_items")
    guild_id: int
    title = fields.CharField(max_length=100)
    price: int = fields.IntField()

    class Meta(Model.Meta):
        table = "shop_items"
