"""Choose calibration and thresholds, and measure what they do on judged adverts."""
