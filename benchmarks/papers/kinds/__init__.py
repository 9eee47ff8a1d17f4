"""All kinds of paper and how many layouts each has in either half."""

from __future__ import annotations

import random
from collections.abc import Callable

from benchmarks.papers.kinds import cards, contracts, licences, others, registers
from benchmarks.papers.sheet import Sheet

Drawing = Callable[[random.Random, str, int], Sheet]
"""From chance, "dev" or "test", and the number of a layout."""
LAYOUTS = 3
KINDS: dict[str, tuple[Drawing, int]] = {
    "identity-card-face": (cards.identity_face, LAYOUTS),
    "identity-card-back": (cards.identity_back, LAYOUTS),
    "business-licence": (licences.business_licence, LAYOUTS),
    "household-register-front": (registers.household_front, LAYOUTS),
    "household-register-person": (registers.household_person, LAYOUTS),
    "residence-permit": (cards.residence_permit, LAYOUTS),
    "property-certificate": (registers.property_certificate, LAYOUTS),
    "food-licence": (licences.food_licence, LAYOUTS),
    "hygiene-licence": (licences.hygiene_licence, LAYOUTS),
    "marriage-certificate": (registers.marriage_certificate, LAYOUTS),
    "lease": (contracts.lease, LAYOUTS),
    "power-of-attorney": (contracts.power_of_attorney, LAYOUTS),
    "application-form": (contracts.application_form, LAYOUTS),
    "health-certificate": (cards.health_certificate, LAYOUTS),
    "other": (others.other, 4),
}


def drawn(kind: str, half: str, seed: int) -> Sheet:
    """One sheet of `kind` in one of the layouts of `half`; the same seed gives the same sheet."""
    draw, layouts = KINDS[kind]
    return draw(random.Random(f"{kind}-{half}-{seed}"), half, seed % layouts)
