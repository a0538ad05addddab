"""Which nouns do two rooms exchange, and in which shape are they stored?"""
