"""Schema of the verb that links adverts into campaigns and keeps the bank."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from adverts.config.base import Config
from adverts_findings.config.survey import Paths, several

_ASKS = ("sheet", "find", "hold", "as_of", "campaign", "since", "forget_log", "verify")
Places = Annotated[list[str], BeforeValidator(several)]
Formats = Annotated[list[Literal["graphml", "neo4j", "csv", "ftm"]], BeforeValidator(several)]


class LinkConfig(Config):
    """Configuration of ``adverts link``: judged adverts -> campaigns, in a bank.

    With inputs or judgements it builds; otherwise it does the one other thing that is asked.
    """

    bank: Path = Field(description="folder of the bank, a restricted store; made if there is none")
    prepared: Paths = Field(
        description="prepared datasets; adverts with the positive label of a person enter"
    )
    scores: Places = Field(
        description="folders or addresses of scores with evidence; adverts that reviews call "
        "positive enter, those that only the model flagged wait as candidates"
    )
    reviews: Path = Field(description="file of what people said of adverts")
    judgements: Paths = Field(
        description="sheets of judgements on links, which are added to those of the bank: same, "
        "different, unsure, merge, split, not this advert, undo; and of identities and sources: "
        "suspect, victim, witness, unknown, grade"
    )
    sheet: int | None = Field(
        ge=4, description="writes a sheet of so many pairs to judge, a quarter of them at random"
    )
    preview: bool = Field(description="with judgements=: says what would move, and changes nothing")
    find: Literal["-"] | None = Field(
        description="-: reads a phone, handle, link, text or picture from standard input, so that "
        "it stays out of the shell's history, and says where it was seen"
    )
    reveal: Literal["-"] | None = Field(
        description="-: reads tokens from standard input, and says whom each stands for, from the "
        "source of scores= or of prepared="
    )
    source: Path | None = Field(
        description="with reveal=-: folder that the datasets in prepared= were prepared from, "
        "their data.root"
    )
    export: Formats = Field(
        description="formats of an export for other tools: graphml, neo4j, csv, ftm"
    )
    out: Path | None = Field(
        description="with export=: a new folder for it; null: one in exports/ of the bank"
    )
    addresses: bool = Field(
        description="with export=: also addresses of postings and ids of the source, which must "
        "not leave the unit"
    )
    erase: Path | None = Field(description="file of ids, one a line: these adverts leave the bank")
    hold: Path | None = Field(
        description="file of ids, one a line: until the day in until= these adverts are restricted "
        "instead where they would be erased or expire; before that they stay in use, and may be "
        "shared"
    )
    until: datetime.date | None = Field(description="last day of a hold")
    as_of: datetime.date | None = Field(
        description="says what was known on that day, with what was rejected, and what was erased "
        "since"
    )
    forget_log: datetime.date | None = Field(
        description="erases who, what and why from the lines of the log until that day; what was "
        "done and when stays, and its hash chain holds"
    )
    since: str | None = Field(
        min_length=1,
        max_length=20,
        description="says what is new since the beginning of that week, such as 2026-W44 or a day "
        "of it: campaigns, growth, revivals, first uses on another platform",
    )
    pages: int = Field(
        ge=0,
        le=10_000,
        description="pages are written for so many campaigns, the largest; 0: for none",
    )
    campaign: Places = Field(
        description="pages are written for these campaigns: c000012, or C12 for short; with "
        "prepared= also their templates, prices and blurred pictures"
    )
    refresh: bool = Field(
        description="true: builds again without inputs, so that what may be kept no longer leaves"
    )
    verify: bool = Field(description="true: compares every table and the log with their hashes")
    rekey: bool = Field(
        description="the inputs were tokenised with another key: they replace all adverts of the "
        "bank, which must be among them"
    )
    who: str | None = Field(
        min_length=1,
        max_length=200,
        description="who does this, for the log; null: the user of this machine",
    )
    why: str | None = Field(
        min_length=1,
        max_length=2000,
        description="why, for the log; a look-up, a hold and forget_log need it",
    )
    candidate_days: int = Field(
        ge=1,
        le=365,
        description="days after scoring for which an advert that only a model flagged waits for a "
        "person",
    )
    retain_days: int | None = Field(
        ge=1,
        description="days after its collection for which a judged advert of scores is kept; null: "
        "as long as the evidence it came from",
    )
    silent_weeks: float = Field(
        gt=0,
        le=26,
        description="a contact that was silent for longer joins what came before with what comes "
        "after only with a second kind of evidence",
    )
    many_owners: int = Field(
        ge=2, description="a contact that so many unconnected advertisers show joins nothing"
    )
    most_accounts: int = Field(ge=1, description="a contact that more accounts show joins nothing")
    join_at: float = Field(gt=0, lt=1, description="least probability of an edge that joins")
    large: int = Field(
        ge=10, description="adverts of a campaign above which communities are looked for within it"
    )
    resamples: int = Field(
        ge=10, le=10_000, description="how often edges are drawn anew to see whether it holds"
    )
    seed: int = Field(ge=0, lt=2**32, description="seed of all that is drawn")
    threads: int | None = Field(ge=1, description="threads of the weighing; null: all cores")

    @property
    def asks(self) -> bool:
        """Whether something is looked up or written that builds nothing and needs no source."""
        return any(getattr(self, name) for name in _ASKS)

    @model_validator(mode="after")
    def _has_one_task(self) -> Self:
        asked = [
            name
            for name in (*_ASKS, "reveal", "export", "erase")
            if getattr(self, name) and not (name == "campaign" and self.as_of)
        ]
        brought = self.scores or (self.prepared and not self.campaign)
        if (brought and not self.reveal) or self.judgements or self.refresh:
            asked.append("prepared=, scores= and judgements")
        if len(asked) > 1:
            raise ValueError(f"{' and '.join(asked)}= are different tasks; give one at a time")
        if not asked:
            raise ValueError(
                "nothing to do: give prepared= or scores= to build, judgements= to decide, "
                "sheet=200 for pairs to judge, campaign=c000012 for its page, find=- or reveal=- "
                "to look up, since= for what is new, export=, erase=, hold=, as_of=, forget_log=, "
                "verify= or refresh=, which also writes the pages= of the largest anew"
            )
        return self

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        needs = ("find", "reveal", "hold", "forget_log")
        asked = next((one for one in needs if getattr(self, one)), None)
        if asked and not (self.why and self.why.strip()):
            raise ValueError(f"{asked} needs why=: it is logged with its purpose")
        if (self.hold is None) != (self.until is None):
            raise ValueError("hold= and until= go together: a hold names its last day")
        if self.reveal and not (self.scores or self.prepared):
            raise ValueError("reveal needs the source: give scores=, or prepared= and source=")
        if bool(self.source) != bool(self.reveal and self.prepared):
            raise ValueError(
                "reveal of prepared= needs source=, the folder that the datasets were prepared "
                "from, and nothing else takes it"
            )
        if (self.out or self.addresses) and not self.export:
            raise ValueError("out= and addresses= are of an export: give export=csv")
        if self.preview and not self.judgements:
            raise ValueError("preview is of judgements: give judgements=")
        if self.rekey and not (self.prepared or self.scores):
            raise ValueError("rekey needs the inputs, tokenised again: give prepared= or scores=")
        return self
