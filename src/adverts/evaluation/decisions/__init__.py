"""From scores to decisions: calibration and thresholds, and what they do on judged adverts."""
