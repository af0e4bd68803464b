"""The models there are, and what the user made of them."""
