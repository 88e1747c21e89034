"""What counts as comparable, new, grown and revived: the numbers of the rules.

They were set with made-up weeks, see ``experiments/0032-what-is-new``.
"""

USUAL_WEEKS = 8
"""Weeks before whose median, without weeks in which nothing was collected, is the usual volume."""
LEAST_VOLUME = 0.5
"""Least share of the usual volume that a comparable week holds."""
LEAST_ADVERTS = 10
"""Least adverts of a comparable week: of fewer, a missing week is no more than chance."""
STRAY = 0.1
"""Share of the adverts of a campaign that may lie where nothing can be compared."""
LEAST_WEEKS, MOST_WEEKS = 2, 8
"""Least and most weeks before that have to be comparable for a claim of something first seen."""
MISSED_ADVERTS = 3.0
"""Adverts that these weeks would have shown at the present rate: by chance, one time in twenty
none of them is seen."""
SILENT_WEEKS = 8
"""Weeks without an advert after which a campaign that posts again is revived."""
LEAST_BACK = 2
"""Least adverts of a campaign that is back: one alone may be a copy that somebody found late."""
GROWTH_WEEKS = 4
"""Weeks before with which the number of adverts since is compared."""
GROWTH = 2.0
"""Least number of times as many adverts a week that is growth."""
CHANCE = 0.001
"""Chance in which steady posting would show so many more adverts, above which it is no growth."""
