"""Facts of a campaign that are counted from its adverts: the last week, pictures, what joined."""
