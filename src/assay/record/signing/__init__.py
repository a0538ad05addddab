"""How does a person put a name to a record, and what does a signature on one show?

in-toto Statements (v1) about the record's body and evidence, in DSSE envelopes, signed with Ed25519 keys.
"""
