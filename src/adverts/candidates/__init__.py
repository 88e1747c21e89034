"""Any model behind one interface: a checkpoint, a bundle, or what an earlier report holds."""
