"""The ranges of made-up worlds: every number is a choice, fixed before any linker was made.

A pair is the least and the most of a uniform draw; a number below 1 is a chance or a share.
"""

TUNING_SEEDS = (2901, 2902, 2903, 2904, 2905)
"""Worlds on which a linker may be tuned."""
JUDGED_SEEDS = (8901, 8902, 8903, 8904, 8905)
"""Worlds on which it is judged, once; nothing is chosen by them."""

ADVERTS = 100_000
NETWORKS = 300  # in ADVERTS adverts; in proportion where a world is smaller
WEEKS = 104
COLLECTED_AFTER_DAYS = 3  # at most
VIEWS = (5.0, 1.5)  # mean and standard deviation of their logarithm
FIRST_DAY = "2030-01-07"
KEY = b"made-up key of made-up worlds"
PLATFORMS = ("aster", "birch", "cedar", "dahlia")

# Adverts and weeks of a network
SMALLEST, LARGEST, TAIL = 12, 1_200, 1.1  # adverts: Pareto, cut at the largest
SPAN_WEEKS = (6, 60)
SILENT_WEEK = 0.3
LONG_SILENCE = 0.15  # networks that are silent once, and go on with what they had
LONG_SILENCE_WEEKS = (8, 40)

# What a network uses: one of each, and one more for so many adverts
ADVERTS_PER_CONTACT, MOST_CONTACTS = 40, 12
ADVERTS_PER_ACCOUNT, MOST_ACCOUNTS = 20, 40
ADVERTS_PER_TEMPLATE, MOST_TEMPLATES = 15, 20
PICTURES_OF_TEMPLATE = (1, 3)
ADVERTS_PER_TARGET, MOST_TARGETS = 60, 6
HAS_TARGETS = 0.6
OVERLAP = 0.5  # of the time of one contact, account, … that its neighbours in time share
LANGUAGES_OF_NETWORK = (1, 3)
PLATFORMS_OF_NETWORK = (1, 3)
CONTACT_KINDS = {"PHONE": 0.6, "HANDLE": 0.4}

# One advert of a network
CONTACTS_SHOWN = {0: 0.4, 1: 0.5, 2: 0.1}
SHOWS_TARGET = 0.3
THROWAWAY_ACCOUNT = 0.5  # an account that posts nothing else
OWN_TEXT, GREETING = 0.15, 0.05  # a text of no template; a short greeting above a picture
HAS_PICTURE = 0.6
OTHER_PICTURE = 0.05  # not one of those that go with the text
PICTURE_COPIES = {"same": 0.4, "saved": 0.35, "crop": 0.25}

# Texts
WORDS_OF_LANGUAGE, RANK_SHIFT = 3_000, 20  # words by Zipf's law: 1 / (rank + shift)
TEMPLATE_WORDS = (22, 45)
NEW_PRICE, NEW_DATE, EDITED = 0.5, 0.5, 0.2
EDITED_WORDS = (1, 3)
GREETINGS = 20
PICTURE_WITH_TEXT = 0.25
PAGE_WORDS = (15, 30)
MISREAD_WORD = 0.05

# Adversities
REASSIGNED = 0.05  # of the contacts of all networks, to another network
REASSIGNED_SILENCE_WEEKS = (10, 60)
REASSIGNED_USE_WEEKS = (4, 12)
REASSIGNED_ADVERTS = 3  # at least, of the new owner in that time
COPYCATS = 0.08  # of the networks
STOLEN_TEMPLATES = (1, 3)  # with their pictures
STOLEN_ADVERT = 0.7  # of a copycat's adverts, for text and picture each
CHANGES_EVERYTHING = 0.05  # of the networks: at one time nothing stays
CHANGE_AFTER = (1 / 3, 2 / 3)  # of their adverts
POISONED_CONTACTS = 2
POISONED_NETWORKS = 0.4  # that show such a contact, each in one advert
HELPLINE_ADVERT = 0.02
STOCK_TEMPLATES = 12  # texts and pictures that anybody takes
STOCK_NETWORKS, STOCK_LONE = 0.08, 0.1

# Background, as shares of all adverts; what is left are single adverts
SELLERS, LONE, NEWS, WARNINGS = 0.4, 0.12, 0.1, 0.006
SELLER_ADVERTS, SELLER_TAIL, SELLER_WEEKS = (2, 60), 1.5, 52
SELLER_TEMPLATES = (1, 3)
SELLER_CONTACT, SELLER_PICTURE = 0.8, 0.5
LONE_ADVERTS = (1, 6)
STORY_POSTS, STORY_TAIL, STORY_WEEKS = (4, 300), 1.2, 3
NEWS_POSTERS = 3_000  # in ADVERTS adverts
SINGLE_CONTACT, SINGLE_PICTURE = 0.5, 0.4
SINGLE_ASKS, ASKS_HELPLINE = 0.1, 0.3  # group A; and quotes the helpline
WARNS_OF_SEVERAL, SEVERAL = 0.3, (2, 4)
WARNING_QUOTES_TEXT = 0.5
WARNING_HELPLINE = 0.2
WARNING_WORDS = (8, 14)
WARNING_AUTHORS = {"nobody": 0.6, "seller": 0.2, "lone": 0.2}
"""Who warns: an account of its own, or one of an ordinary seller or of a lone advertiser."""
