"""Which licence do the statements about some weights name, do they agree, and what does it allow?"""
