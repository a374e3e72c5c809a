"""Shows that the tests can fail: bugs are planted into copies of the tree, one at a time, and the tests must notice.

`planted` are those of tests/mutants.toml, each with the tests that must catch it; `sampled` are small random changes.
"""
