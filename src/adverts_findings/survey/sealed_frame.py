"""The frame of a sample, looked at again: it must be what the sample was drawn from."""

from __future__ import annotations

import datetime

from adverts.errors import InputError, IntegrityError, MissingExtraError
from adverts.scoring.collection import open_collection
from adverts.scoring.evidence.evidence_terms import CLUSTERS, is_purged, terms_of
from adverts.scoring.evidence_reader import OpenedEvidence
from adverts.work.units.place import open_place
from adverts_findings.survey.sample import FrameFacts


def reopen_frame(facts: FrameFacts, *, today: datetime.date) -> OpenedEvidence | str:
    """Return the evidence of a frame as it was when the sample was sealed, or why it is gone.

    An estimate needs nothing but what was sealed, so that scores which are gone do not prevent it.

    Args:
        facts: What was sealed of the frame.
        today: Day of today in UTC.

    Raises:
        IntegrityError: The scores are there, but changed since the sample was sealed.
    """
    try:
        collection = open_collection(open_place(facts.scores))
    except InputError:
        return f"the scores at {facts.scores} are gone"
    except (MissingExtraError, OSError) as error:
        return f"the scores cannot be looked at again ({error})"
    terms = terms_of(collection.plan)
    if terms is not None:
        if is_purged(collection.place):
            return f"the evidence of {collection.place} was removed"
        if terms.is_over(today):
            return f"the evidence of {collection.place} expired after {terms.expires}"
        if not collection.left and CLUSTERS in collection.place.sizes(""):
            opened = OpenedEvidence(collection, terms)
            if opened.hash == facts.hash:
                return opened
    raise IntegrityError(
        f"the frame changed since the sample was sealed: {facts.scores} is not what the sample was "
        "drawn from; bring back the scores, or draw a new sample from them"
    )
