"""Levels on Discord: `earning` listens to messages and follows levels, `ranks` shows them, `manage` changes them."""

from plugins.levels.cog.earning import EarningCog
from plugins.levels.cog.manage import LevelsCog
from plugins.levels.cog.ranks import RanksCog

__all__ = ["EarningCog", "LevelsCog", "RanksCog"]
