"""The commands of the command line, one module each; nothing heavy is loaded before one runs."""
