"""The commands, one module each; heavy imports happen when one runs."""
