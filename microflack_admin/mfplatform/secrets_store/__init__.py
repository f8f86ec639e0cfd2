"""The secrets of services in a store of their own, OpenBao, where mfup is told so."""
