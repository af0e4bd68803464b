"""WHAT IT LOOKS LIKE: widgets that lay out, bind and call a verb."""
