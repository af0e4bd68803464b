"""The conversation on screen: laid out where it is seen, painted where it changed."""
