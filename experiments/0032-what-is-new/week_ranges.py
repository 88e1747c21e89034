"""The made-up weeks: what is collected, who posts, and what would mislead a rule about news.

A pair is the least and the most of a uniform draw; a number below 1 is a chance or a share. They
were fixed before any rule was tried on them.
"""

TUNING_SEEDS = (3201, 3202, 3203, 3204, 3205)
"""Worlds on which rules may be tried."""
JUDGED_SEEDS = (9201, 9202, 9203, 9204, 9205)
"""Worlds that judge them once."""

FIRST_DAY = "2030-01-07"
"""Monday of the first week of the history."""
HISTORY_WEEKS = 14
"""Weeks that were collected before the first week that is asked about."""
ASKED_WEEKS = 10
"""Weeks that are asked about, numbered from 0; each is asked about on the Monday after it."""
GAP = (5, 6)
"""Asked weeks in which nothing is collected, as nobody ran the collection."""
PLATFORMS = ("aster", "birch", "cedar", "dahlia")
STARTED = {"dahlia": 4}
"""Asked week in which the collection of a platform begins; it is posted on before."""
BROKEN = {("cedar", 2): 0.3}
"""Share of what is posted that is collected of a platform in a week; 1 otherwise."""
LATE = 0.1
"""Share of what is collected that is collected a week late, a week that is not in the gap."""
LANGUAGES = ("ro", "sq", "vi", "ka")
THIN = ("ka",)
CELL_ADVERTS = (120.0, 600.0)
"""Background adverts of a platform and language that are posted in a week."""
THIN_ADVERTS = (2.0, 8.0)
WEEK_NOISE = 0.12
"""Standard deviation of the logarithm of what is posted in a week of a platform and language."""
JUDGED = {"background": 0.1, "V": 0.9}
"""Share of adverts that a person judges; a campaign's advert enters the bank only then."""

CAMPAIGNS = {
    "steady": 110,
    "new": 110,
    "grown": 40,
    "revived": 70,
    "short silence": 25,
    "moved": 50,
    "ended": 25,
    "on the unseen platform": 20,
}
"""Campaigns of each kind. Those on the unseen platform began there before it was collected."""
RATE = (1.5, 8.0)
"""Adverts a week while it posts."""
GROWN_TIMES = (2.5, 5.0)
SILENT_WEEKS = (8.5, 12.0)
SHORT_SILENCE_WEEKS = (3.0, 7.0)
NEW_ENDS_AFTER_WEEKS = (2.0, 12.0)
MOVED_STAYS = 0.5
"""Chance that whoever moves goes on where they were."""
PLATFORMS_OF_CAMPAIGN = {1: 0.6, 2: 0.4}
LANGUAGES_OF_CAMPAIGN = {1: 0.7, 2: 0.3}
MAIN_LANGUAGE = 0.75
THIN_LANGUAGE = 0.06
"""Chance that a language of a campaign is a thin one."""
MISREAD_LANGUAGE = 0.02
"""Share of adverts whose language is taken for another one."""
SHOWS_CONTACT = 0.9
OWN_ACCOUNT = 0.7
"""Share of adverts from the account of the campaign on the platform; the others are thrown away."""
TEMPLATES = (2, 4)
HAS_PICTURE = 0.6
SAVED_AGAIN = 0.5
"""Share of pictures that are another file of the same look."""
SAME_AFTER_SILENCE = 0.9
"""Chance that whoever comes back has the same account and texts; otherwise the contact alone."""
REASSIGNED = 0.06
"""Share of new campaigns whose contact was that of a campaign that ended."""
