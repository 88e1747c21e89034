"""The prepared dataset on disk: its shards, its manifest, and all files beside them."""
