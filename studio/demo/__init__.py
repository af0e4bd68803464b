"""The service in a box: a small loopback server that speaks API-Inference, for trials and tests."""
