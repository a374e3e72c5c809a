"""Who changed what: moderation, permissions and configuration, as it was before and after."""

from __future__ import annotations

from plugins.audit.settings import AuditSettings
from tux.plugin import WITNESS, Plugin

plugin = Plugin(
    name="audit",
    summary="Who changed what, as it was before and after",
    version="1.0.0",
    needs=("guild",),
    contributes={WITNESS: ("audit",)},
    settings=AuditSettings,
)
