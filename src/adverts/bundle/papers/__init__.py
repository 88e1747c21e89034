"""Write the papers of a bundle: model card, bill of materials, public record, signature."""
