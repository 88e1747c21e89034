"""What is written of a bundle: model card, bill of materials, public record, signature."""
