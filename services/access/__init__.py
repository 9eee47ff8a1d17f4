"""Keys, roles and limits: who may call what, and how often."""

from services.access.access import Access
from services.access.callers import ROLE_TITLES, Caller, Role

__all__ = ["ROLE_TITLES", "Access", "Caller", "Role"]
