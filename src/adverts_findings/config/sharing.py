"""Schema of the verb that shares findings with recipients, and of the recipients themselves."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from adverts.config.base import Config
from adverts.config.training import TrackingConfig
from adverts_findings.config.survey import Paths, several

Kind = Literal["notice", "hashes", "stix", "misp"]
Kinds = Annotated[list[Kind], BeforeValidator(several)]
Names = Annotated[list[str], BeforeValidator(several)]
Sensitivity = Literal["synthetic", "public", "research", "operational_restricted"]
"""How careful one has to be with data, the least first."""
Regime = Literal["dsa_16", "uk_osa", "platform_terms", "voluntary"]
Tlp = Literal["clear", "green", "amber", "amber+strict", "red"]
_ADDING = {"campaigns", "retract", "withdraw", "outcome", "confirm"}
"""Tasks that add lines to the ledger."""


Key = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
"""A name in a configuration, of which a folder can be named."""


class LawConfig(Config):
    """A law or rule on which a notice can rest."""

    text: str = Field(min_length=3, description="law and section, as a notice names it")
    jurisdiction: str = Field(
        pattern="^([A-Z]{2}|terms)$",
        description="ISO 3166 code of the country, EU, or terms for the rules of a platform",
    )
    classes: Names = Field(
        description="classes of the taxonomy that fall under it; empty: every class, for the rules "
        "of a platform alone"
    )

    @model_validator(mode="after")
    def _names_its_classes(self) -> Self:
        if not self.classes and self.jurisdiction != "terms":
            raise ValueError("a law of a country names the classes that fall under it")
        return self


class RecipientConfig(Config):
    """Somebody who receives what is shared: what they may get, on which basis, who approves."""

    name: str = Field(min_length=2, max_length=200, description="name, as outputs state it")
    kinds: Kinds = Field(min_length=1, description="what it may get: notice, hashes, stix, misp")
    purposes: Names = Field(min_length=1, description="purposes for which it may be given anything")
    sensitivity_ceiling: Sensitivity = Field(
        description="most careful data that it may get something of: synthetic, public, research "
        "or operational_restricted"
    )
    licences: Names = Field(
        description="licences of data that allow to share with it, as data configs state them; "
        "empty: nothing may be shared"
    )
    legal_basis: str = Field(min_length=3, description="legal basis of sharing with it")
    platforms: Names = Field(
        description="platforms that it runs: it gets notices of adverts there alone; empty: it "
        "runs none, and gets no notice"
    )
    regime: Regime = Field(description="rules under which its notices are sent")
    laws: Names = Field(description="laws of laws= that its notices rest on, by name")
    contact: str = Field(description="e-mail or form to which outputs are sent")
    approvers: Names = Field(min_length=1, description="people who may approve a share with it")
    language: str = Field(
        pattern="^[a-z]{2,3}(-[A-Za-z0-9]+)*$", description="language of its notices, such as en"
    )
    longest_days: int = Field(ge=1, le=3650, description="most days until a share expires")
    tlp: Tlp = Field(description="traffic light of what it gets, for stix and misp")
    to_ids: bool = Field(
        description="true: its MISP attributes may be used for automatic detection"
    )
    block: bool = Field(
        description="true: it may be told to block (action=block) what is shared with it"
    )


class SenderConfig(Config):
    """Who shares."""

    organisation: str = Field(description="name of the organisation; empty: none is stated")
    email: str = Field(description="its e-mail; empty: none is stated")
    reply_to: str = Field(description="where answers are sent; empty: the e-mail")


class ShareConfig(Config):
    """Configuration of ``adverts share``: what people judged -> records for recipients, and back.

    Without a task it reports what is out, with whom, until when, and what came of it.
    """

    ledger: Path = Field(description="file of all that was shared, a restricted store")
    new_ledger: str | None = Field(
        min_length=2,
        max_length=2000,
        description="why the bank goes on with a ledger that it does not know, or with an older "
        "copy, because the other one is lost; the log of the bank keeps it",
    )
    bank: Path | None = Field(
        description="folder of the bank of campaigns, which knows its ledger and refuses others; "
        "null: none is asked"
    )
    campaigns: Names = Field(description="campaigns to share: c000012, or C12 for short")
    prepared: Paths = Field(
        description="prepared datasets that the bank was built from: texts and pictures are read "
        "there"
    )
    scores: Names = Field(
        description="folders or addresses of scores that the bank was built from: terms of their "
        "data are read there"
    )
    reviews: Path = Field(description="file of what people said of adverts")
    kinds: Kinds = Field(description="what is shared: notice, hashes, stix, misp")
    recipient: str | None = Field(description="who gets it, a name of recipients=")
    approved_by: str | None = Field(
        min_length=2, max_length=200, description="person who signs it off, and reviewed none of it"
    )
    good_faith: str | None = Field(
        min_length=2,
        max_length=200,
        description="person who states in good faith that notices are accurate and complete; "
        "notices under dsa_16 need one",
    )
    purpose: str | None = Field(min_length=2, max_length=200, description="what it is shared for")
    expires: datetime.date | None = Field(description="last day on which it may be used")
    action: Literal["review", "block"] = Field(
        description="what is asked of hashes and indicators: that a person looks, or to block"
    )
    negatives: Paths = Field(
        description="prepared datasets of what must not be matched: news, charities, ferries, "
        "families; adverts with another than the positive label are taken"
    )
    sign_with: Path | None = Field(
        description="PEM file of an Ed25519 private key that signs the manifest of what is sent"
    )
    share_dir: Path | None = Field(
        description="folder to write: send/ for the recipient, keep/ for the unit"
    )
    retract: str | None = Field(
        description="reference of a share or an item that is withdrawn, from all who got it"
    )
    danger: str | None = Field(
        min_length=2,
        max_length=40,
        description="a person's word on the adverts in items=: a safeguarding signal such as "
        "minor_present, which holds them back from everybody, or closed, which ends that",
    )
    items: Names = Field(description="with danger=: names of adverts, as refusals state them")
    withdraw: bool = Field(
        description="true: withdraws what has expired, was erased, reviewed anew or judged apart; "
        "needs bank= and reviews="
    )
    reason: str | None = Field(
        min_length=2, max_length=2000, description="why, with retract= and danger="
    )
    outcome: Path | None = Field(description="CSV of what recipients answered, see docs/sharing.md")
    confirm: str | None = Field(
        description="reference of an item, a share or a withdrawal whose recipient says that it is "
        "gone there"
    )
    forget_people: datetime.date | None = Field(
        description="erases accounts, names and reasons from the lines of the ledger until that "
        "day; what was shared stays, and its hash chain holds"
    )
    verify: Path | None = Field(
        description="folder that was sent: compares its files with its manifest and the ledger"
    )
    public_key: Path | None = Field(
        description="with verify=: PEM file of the public key that must have signed the manifest"
    )
    report_dir: Path | None = Field(
        description="folder for the page of the report; null: only lines are printed"
    )
    recipients: dict[Key, RecipientConfig] = Field(description="who may get something, by name")
    laws: dict[str, LawConfig] = Field(description="laws that notices rest on, by name")
    sender: SenderConfig
    tracking: TrackingConfig

    @property
    def task(self) -> str:
        """What is asked for, by the name of its key; empty: the report."""
        return next(iter(self._tasks()), "")

    def _tasks(self) -> list[str]:
        tasks = {
            "campaigns": self.is_share,
            "retract": self.retract,
            "danger": self.danger,
            "withdraw": self.withdraw,
            "outcome": self.outcome,
            "confirm": self.confirm,
            "verify": self.verify,
            "forget_people": self.forget_people,
        }
        return [name for name, one in tasks.items() if one]

    @property
    def is_share(self) -> bool:
        """Whether adverts are to be shared."""
        return bool(self.campaigns or self.kinds or self.recipient)

    @model_validator(mode="after")
    def _has_one_task(self) -> Self:
        asked = self._tasks()
        if len(asked) > 1:
            raise ValueError(f"{' and '.join(asked)}= are different tasks; give one at a time")
        if bool(self.retract or self.danger) != (self.reason is not None):
            raise ValueError("retract= and danger= say why: give reason=, which only they take")
        if self.new_ledger and not set(asked) & _ADDING:
            raise ValueError("new_ledger= is for an act that adds to a ledger, such as withdraw=")
        if (self.danger is None) != (not self.items):
            raise ValueError("danger= and items= go together")
        if self.danger and not self.approved_by:
            raise ValueError("danger= is a person's word: give approved_by=, who says it")
        if (self.retract or self.withdraw) and self.share_dir is None:
            raise ValueError("give share_dir=, the folder for what recipients have to be told")
        if self.withdraw and self.bank is None:
            raise ValueError("withdraw needs bank=, which says what was erased or judged apart")
        return self

    @model_validator(mode="after")
    def _says_all_of_a_share(self) -> Self:
        if not self.is_share:
            return self
        needed = (
            *("bank", "campaigns", "kinds", "recipient", "approved_by"),
            *("purpose", "expires", "share_dir"),
        )
        missing = [name for name in needed if not getattr(self, name)]
        if missing:
            raise ValueError(f"a share needs {', '.join(f'{one}=' for one in missing)}")
        if self.recipient not in self.recipients:
            known = ", ".join(sorted(self.recipients)) or "nobody"
            raise ValueError(f"recipients= has no {self.recipient}; it has {known}")
        unknown = sorted(
            {one for who in self.recipients.values() for one in who.laws} - set(self.laws)
        )
        if unknown:
            raise ValueError(f"laws= has no {', '.join(unknown)}, which a recipient names")
        return self
