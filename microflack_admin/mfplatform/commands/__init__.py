"""What the mf* commands do that needs Python: one module for each of them."""
