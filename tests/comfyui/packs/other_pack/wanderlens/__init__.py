WORDS = "wanderlens"
