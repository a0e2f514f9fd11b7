"""The register of changes: 1C may send everything every hour, only what differs goes on."""
