"""What every model of this workshop is for and not for: said alike in card, BOM and record."""

from __future__ import annotations

from dataclasses import dataclass

SUMMARY = (
    "It orders a queue of adverts that people review. Its probabilities are no finding about an "
    "advert or a person."
)
USERS = (
    "reviewers of an online-safety unit, who see adverts in the order that it gives",
    "services that hold a queue for such reviewers",
)
USES = (
    "to put the adverts that most need a person's look at the top of a queue",
    "to tell signs of danger to a person, whatever else is said of the advert",
    "to leave to people what it was not shown to judge well (`abstain`)",
)
NOT_FOR = (
    "to remove, block or report an advert without a person's decision",
    "to judge, identify or rank a person, or to start an action against one",
    "to estimate how common such adverts are: its counts are not corrected for its errors",
    "to judge adverts of languages or forms on which no gate passed it",
)
LIMITS = (
    "It has seen the adverts of its training data; another platform, season or way of writing may "
    "lower every figure, and nothing here says by how much.",
    "A promise at a threshold holds where its condition does: for precision, at the stated share "
    "of the label among adverts.",
    "Contacts are masked before it reads a text: it knows that there is one, never whose.",
    "Text in pictures reaches it only as far as a reader can read it.",
)


@dataclass(frozen=True, slots=True)
class Risk:
    """What may go wrong, and what is done about it."""

    name: str
    mitigation: str


RISKS = (
    Risk(
        "Lawful adverts are put high in the queue, more often in some languages than in others.",
        "A person decides on each; false alarms are measured by language and on look-alikes, and "
        "a language that was not shown to do well abstains.",
    ),
    Risk(
        "Adverts by people who ask for help are treated as offers.",
        "Their classes have no officer's route, however high the score.",
    ),
    Risk(
        "Adverts that matter are missed and nobody looks at them.",
        "What is below a threshold is not called harmless; signs of danger to a person are told "
        "from a threshold of their own.",
    ),
    Risk(
        "Those who post adverts change how they write.",
        "Disguised texts and pictures are part of the evaluation; a gate judges each new model.",
    ),
)
