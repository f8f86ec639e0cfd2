"""The manifests for Kubernetes that follow from what services declare."""
