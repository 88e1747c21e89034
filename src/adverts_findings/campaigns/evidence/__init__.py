"""What adverts share: templates, posting identities, edges between adverts, and their weight."""
