WORDS = "nodes"
