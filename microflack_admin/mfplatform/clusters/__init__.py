"""What servers are told that together hold the data of one platform.

Pure functions from who takes part to the text of a configuration. Each member of a
cluster is on a host of its own, and has the same ports there as the others.
"""
