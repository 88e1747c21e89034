"""From edges to campaigns: joining, communities, bridges, probability, and ids that last."""
