"""What a service loads: numpy, onnxruntime, tokenizers and Pillow; never torch."""
