"""How work runs on this machine: cores, ONNX Runtime sessions, work ahead, and progress bars."""
