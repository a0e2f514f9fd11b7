"""CRMs on loopback that hold to what their documentation says."""
