"""Notices: one record for each advert, that a platform can act on and an uploader may see."""
