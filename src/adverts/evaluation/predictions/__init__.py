"""Predictions of models as files, facts about those models, and the ledger of looks."""
