"""The mission: a made-up collection of posts, followed from collection to removal by every verb."""
