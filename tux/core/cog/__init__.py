"""What the framework itself offers: states and health, the group `/config` with its panel, members' data, purges."""

from tux.core.cog.config import ConfigCog
from tux.core.cog.mydata import MyDataCog
from tux.core.cog.purging import PurgeCog
from tux.core.cog.states import CoreCog

__all__ = ["ConfigCog", "CoreCog", "MyDataCog", "PurgeCog"]
