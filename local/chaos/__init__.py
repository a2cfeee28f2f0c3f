"""`make chaos`: customers book and pay while everything around them breaks; then it is reckoned up from outside.

`customers` are the people, `accidents` what breaks, `reckoning` compares what Stripe charged, what was mailed and what
the database says, past the product's own code.
"""
