"""Samples with what people said of them: figures of the frame, its groups, weeks and unions."""
