"""Who is it that would use the model: what licences ask about an organization?"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from assay.schema._base import Noun

__all__ = ["Organization"]

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2 code; `EU` and `UK` are taken for the European Union and for GB."""


class Organization(Noun):
    """The profile that licences are held against; a field that is not given is unknown, never assumed."""

    commercial_use: bool | None = None
    """Whether the use serves commercial advantage or earns money, directly or indirectly."""
    monthly_active_users: int | None = Field(default=None, ge=0)
    """Active users a month of all products of the organization and its affiliates."""
    product_monthly_active_users: int | None = Field(default=None, ge=0)
    """Active users a month of the product that would use the model."""
    annual_revenue_usd: int | None = Field(default=None, ge=0)
    """Revenue of the organization and its affiliates in a year, in US dollars."""
    product_monthly_revenue_usd: int | None = Field(default=None, ge=0)
    """Revenue of the product in a month, in US dollars."""
    nonprofit: bool | None = None
    """Whether it is a qualified non-profit organization."""
    headquarters: Country | None = None
    """Country of the principal place of business."""
    deployed_in: tuple[Country, ...] | None = None
    """Countries in which the model would run."""
    users_in: tuple[Country, ...] | None = None
    """Countries of those who use its answers."""
    distributes_weights: bool | None = None
    """Whether weights, changed or not, are given to others."""
    hosts_for_others: bool | None = None
    """Whether others get access to the model itself, as a hosted service or an API."""
    model_as_a_service: bool | None = None
    """Whether selling access to models or a general assistant is the business."""
    trains_on_outputs: bool | None = None
    """Whether outputs train or improve another model."""
    military: bool | None = None
    """Whether the use is military."""
    automated_decisions: bool | None = None
    """Whether decisions with legal effect on people are made without a person."""
