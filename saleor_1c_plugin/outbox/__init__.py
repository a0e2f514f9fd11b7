"""The one way anything leaves this shop by itself."""
