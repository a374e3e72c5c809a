"""What the framework itself offers: `states` of plugins and health, and the group `/config` with its panel."""

from tux.core.cog.config import ConfigCog
from tux.core.cog.states import CoreCog

__all__ = ["ConfigCog", "CoreCog"]
