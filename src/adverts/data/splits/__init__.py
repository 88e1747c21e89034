"""Which split an advert belongs to: whole clusters, the same every time."""
