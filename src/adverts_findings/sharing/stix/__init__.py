"""Campaigns and indicators for threat intelligence: STIX 2.1 and MISP events."""
