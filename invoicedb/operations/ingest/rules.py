"""What a plan decides by: the database's policy, and over it what the tenant has decided for itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from invoicedb.domain.dictionary import EMPTY, Dictionary, dictionary_of
from invoicedb.domain.matching import Decision, MatchMethod, Thresholds
from invoicedb.models import Abbreviation, MatchingPolicy, Policy

EVERYTHING_REVIEWED = "every match is reviewed here"


@dataclass(frozen=True, slots=True)
class TenantRules:
    """What is stored of a tenant's own rules."""

    policy: MatchingPolicy
    dictionary: Dictionary

    @classmethod
    def of(cls, policy: MatchingPolicy, abbreviations: list[Abbreviation]) -> TenantRules:
        return cls(policy, dictionary_of(tuple((each.abbreviation, each.expansion) for each in abbreviations)))


NO_RULES = TenantRules(MatchingPolicy(), EMPTY)


@dataclass(frozen=True, slots=True)
class Rules:
    """The two together."""

    thresholds: Thresholds
    dictionary: Dictionary
    never_create: bool
    review_everything: bool

    @classmethod
    def of(cls, policy: Policy, tenant: TenantRules) -> Rules:
        own = tenant.policy
        thresholds = thresholds_of(
            automatic=policy.fuzzy_auto if own.fuzzy_auto is None else own.fuzzy_auto,
            review=policy.fuzzy_review if own.fuzzy_review is None else own.fuzzy_review,
        )
        return cls(thresholds, tenant.dictionary, own.never_create, own.review_everything)

    def reviewed(self, decision: Decision) -> Decision:
        """The decision, put up for review where nothing is to be matched without a look."""
        if decision.method is not MatchMethod.FUZZY_AUTO or not self.review_everything:
            return decision
        return replace(decision, method=MatchMethod.FUZZY_REVIEW, reasons=(*decision.reasons, EVERYTHING_REVIEWED))


def thresholds_of(*, automatic: Decimal, review: Decimal) -> Thresholds:
    """Words that were replaced never pass a lower bar than words that were added. A tenant's bars may be set one by one."""
    bar = min(float(review), float(automatic))
    return Thresholds(automatic=float(automatic), review=bar, review_replaced=max(bar, Thresholds().review_replaced))
