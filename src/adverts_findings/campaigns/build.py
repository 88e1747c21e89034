"""A build of the bank: from gathered adverts and people's judgements to its tables.

A build is a function of the adverts, the judgements, the rules and the model of evidence alone.
What the bank held before gives names that last and weights that are known, and nothing else: a bank
that grew in steps has the campaigns of one that was built at once.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Literal, get_args

from adverts.record_chain import require_known
from adverts.work.paused_collection import paused_collection
from adverts_findings.campaigns.entering.gather import Gathered
from adverts_findings.campaigns.entering.words import Counted, counted_of
from adverts_findings.campaigns.evidence.finding import find_edges
from adverts_findings.campaigns.evidence.model import EvidenceModel
from adverts_findings.campaigns.evidence.weighing import uncalibrated, weigh
from adverts_findings.campaigns.found import FoundCampaigns, Level
from adverts_findings.campaigns.grouping.find_campaigns import find_campaigns
from adverts_findings.campaigns.grouping.giants import AtThreshold, threshold_components
from adverts_findings.campaigns.judgements.apply_judgements import apply_judgements
from adverts_findings.campaigns.judgements.calibration import Calibration, calibrate
from adverts_findings.campaigns.judgements.judgements import Judgement
from adverts_findings.campaigns.judgements.labelled_edges import labelled_edges
from adverts_findings.campaigns.judgements.standings import settle
from adverts_findings.campaigns.lasting_names import LastingNames, Tables
from adverts_findings.campaigns.rules import LinkingRules
from adverts_findings.campaigns.tables.bank_content import BuildFacts, content_of
from adverts_findings.campaigns.templates import template_roots

if TYPE_CHECKING:
    from adverts.record_chain import ChainedRecord

Chain = Literal["reviews", "judgements", "holds"]
"""What people said, of which a build notes the last line."""

THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.99)
"""Probabilities at which the components of the bank are told."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What a build hands to the next one, in the parameters of its row in ``builds``.

    Attributes:
        build: Number of the build; 0 for a new bank.
        used: Maps each level to the highest number that was ever given to a name.
        model: Model of evidence, with the weights that are known.
        counted: Task, label and whether such an advert counts, of all inputs so far.
        kept: How much the files beside the bank held.
        heads: Hash of the last line of those that are chains; earlier releases did not note it.
        token_key_id: Id of the key of its tokens; empty for a new bank.
        bank: Id of the bank, by which its sheets are known; empty for a new bank.
    """

    build: int
    used: Mapping[str, int]
    model: EvidenceModel
    counted: Counted
    kept: dict[str, int]
    heads: dict[str, str]
    token_key_id: str
    bank: str

    def require_known(self, records: Sequence[ChainedRecord], what: Chain) -> None:
        """Refuse fewer or other reviews, judgements or holds than the bank was built with.

        A bank of an earlier release knows only how many there were.

        Raises:
            IntegrityError: They are.
        """
        number, head = self.kept.get(what, 0), self.heads.get(what, "")
        require_known(records, number, head, noun=what, when="when the bank was built")


def memory_of(before: Tables) -> Memory:
    """Return what the last build handed on; that of a new bank where there is none."""
    rows = before["builds"].sort_by("build").to_pylist() if before else []
    if not rows:
        return Memory(0, {}, EvidenceModel(), {}, {}, {}, "", "")
    last = rows[-1]
    told = json.loads(last["parameters"])
    model = EvidenceModel.from_json(told["model"])
    return Memory(
        last["build"],
        told["used"],
        model,
        counted_of(before["builds"]),
        told["kept"],
        told.get("heads", {}),
        last["token_key_id"],
        _bank_id(rows[0]),
    )


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a build is made of and by, beside adverts and judgements.

    Attributes:
        counted: What labels count as.
        inputs: What the inputs were.
        created_by: Version of this package, and the commit if it is known.
        built_at: The time now.
        threads: Threads of the weighing.
        kept: How much the files beside the bank hold: reviews, judgements, holds, erased adverts.
        heads: Hash of the last of the reviews, judgements and holds, by their names in ``kept``.
        apart: Names that the build before did not give are above its numbers by so much.
    """

    counted: Counted
    inputs: Mapping[str, object]
    created_by: str
    built_at: datetime.datetime
    threads: int = 1
    kept: Mapping[str, int] = field(default_factory=dict)
    heads: Mapping[str, str] = field(default_factory=dict)
    apart: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A build that is not written yet.

    Attributes:
        tables: All tables of the bank.
        found: Its campaigns and edges, of adverts in the order of the table ``adverts``.
        components: What its edges join at :data:`THRESHOLDS`, before anybody's judgements.
        calibration: What its probabilities rest on.
    """

    tables: Tables
    found: FoundCampaigns
    components: tuple[AtThreshold, ...]
    calibration: Calibration


@paused_collection()
def make_build(
    gathered: Gathered,
    judgements: Sequence[Judgement],
    rules: LinkingRules,
    circumstances: Circumstances,
    *,
    before: Tables,
) -> Made:
    """Return a build; nothing is written.

    Args:
        gathered: Its adverts and candidates.
        judgements: All that people said of links, in any order.
        rules: What may join adverts.
        circumstances: What else it is made of and by.
        before: Tables of the build before; empty for a new bank.
    """
    entrants, memory = gathered.entrants, memory_of(before)
    ids: list[str] = entrants["id"].to_pylist()
    used = {one: memory.used.get(one, 0) + circumstances.apart for one in get_args(Level)}
    names = LastingNames(ids, before, used)
    templates = names.templates(template_roots(entrants))
    evidence = find_edges(entrants, templates, rules)
    weight, model = weigh(evidence.edges, memory.model, threads=circumstances.threads)
    row_of = {one: row for row, one in enumerate(ids)}
    calibration = calibrate(
        evidence.edges,
        uncalibrated(weight),
        labelled_edges(judgements, evidence.edges, row_of),
        seed=rules.seed,
    )
    edges = replace(evidence.edges, weight=weight, probability=calibration.probability)
    words = apply_judgements(judgements, row_of)
    found = find_campaigns(
        edges,
        len(ids),
        same=words.same,
        different=words.different,
        alone=words.alone,
        rules=rules,
    )
    sources = entrants["source"].unique().to_pylist()
    settled = settle(judgements, evidence.identities, ids, sources)
    found = replace(found, held=(*words.held, *settled.held, *found.held))
    named = names.all(templates, evidence.identities, found.roots)
    components = threshold_components(edges, len(ids), THRESHOLDS, large=rules.large)
    counted = [[*asked, counts] for asked, counts in sorted(circumstances.counted.items())]
    facts = BuildFacts(
        build=memory.build + 1,
        built_at=circumstances.built_at,
        created_by=circumstances.created_by,
        token_key_id=gathered.token_key_id,
        inputs=circumstances.inputs,
        parameters={
            "rules": asdict(rules),
            "model": model.to_json(),
            "used": names.used,
            "counted": counted,
            "kept": dict(circumstances.kept),
            "heads": dict(circumstances.heads),
            "calibration": _told(calibration),
        },
        counts=_counts(gathered, components),
    )
    tables = content_of(
        entrants,
        evidence,
        found,
        named,
        facts,
        candidates=gathered.candidates,
        restricted=gathered.restricted,
        barred=gathered.forbidden,
        collected=gathered.collected,
        before=before,
        calibrated=calibration.calibrated,
        settled=settled,
    )
    return Made(tables, found, components, calibration)


def _bank_id(first: Mapping[str, object]) -> str:
    """Return the id of a bank: a hash of time, inputs and key of its first build."""
    told = [str(first[name]) for name in ("built_at", "inputs", "token_key_id")]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _told(calibration: Calibration) -> dict[str, object]:
    """Return what probabilities rest on, for the record."""
    told = {
        name: getattr(calibration, name)
        for name in ("calibrated", "pairs", "at_random", "unsure", "contradicted")
    }
    return told | {"error": None if calibration.error is None else asdict(calibration.error)}


def _counts(gathered: Gathered, components: Sequence[AtThreshold]) -> dict[str, object]:
    told: dict[str, object] = {
        name: getattr(gathered, name) for name in ("new", "barred", "expired", "late")
    }
    told["adverts"], told["candidates"] = len(gathered.entrants), len(gathered.candidates)
    told["restricted"] = len(gathered.restricted)
    told["components"] = [asdict(one) for one in components]
    return told
