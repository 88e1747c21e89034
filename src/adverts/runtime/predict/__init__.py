"""From what a caller sends to responses: adverts are read, encoded, scored and answered."""
