"""``make bench``: the product's speed against a floor measured in the same run, so that the machine does not matter."""
