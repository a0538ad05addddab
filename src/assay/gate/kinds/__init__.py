"""Which kinds of condition are there? One module each; `assay.gate.conditions` lists them."""
