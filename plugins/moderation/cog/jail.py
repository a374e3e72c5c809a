"""What jail does to a member's roles: all that the bot can take go, one comes, and the same come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import discord

    from plugins.moderation.models import Case

_ROLE = "jail_role_id"


def role_given(jail: discord.Role) -> dict[str, object]:
    """Return what a case remembers of the jail's role: another one may have been chosen when the member is let out."""
    return {_ROLE: jail.id}


def jail_roles(case: Case | None, chosen: int | None) -> set[int]:
    """Return the ids of the roles that keep a member in jail: the one that their case gave, and the one chosen now."""
    given = (case.case_metadata or {}).get(_ROLE) if case is not None else None
    return {role_id for role_id in (given, chosen) if isinstance(role_id, int)}


def roles_taken(member: discord.Member, jail: discord.Role) -> tuple[int, ...]:
    """Return the ids of the roles that jail takes from a member: those of integrations and above the bot stay."""
    return tuple(role.id for role in member.roles if role != jail and _is_ours(role))


async def lock_up(member: discord.Member, jail: discord.Role, reason: str) -> None:
    """Take a member's roles and give them the jail's, in one request."""
    taken = set(roles_taken(member, jail))
    kept = [role for role in member.roles if not role.is_default() and role.id not in taken and role != jail]
    await member.edit(roles=[*kept, jail], reason=reason)


async def free(member: discord.Member, jails: Collection[int], role_ids: Iterable[int], reason: str) -> None:
    """Take the jail's roles and give back those that still exist and that the bot can give, in one request."""
    kept = [role for role in member.roles if not role.is_default() and role.id not in jails]
    back = (member.guild.get_role(role_id) for role_id in role_ids)
    given = [role for role in back if role is not None and role not in kept and _is_ours(role)]
    await member.edit(roles=[*kept, *given], reason=reason)


def _is_ours(role: discord.Role) -> bool:
    return not role.is_default() and not role.managed and role < role.guild.me.top_role
