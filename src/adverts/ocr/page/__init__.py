"""Reading one page: turned upright, its lines cut out, read, mended and put in order."""
