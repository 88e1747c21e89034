"""Score adverts of a source with a bundle: as a sheet for people, or in units for any amount."""
