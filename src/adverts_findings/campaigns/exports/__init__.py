"""Exports of a bank for other tools: nodes and links as GraphML, Neo4j, CSV and FollowTheMoney."""
