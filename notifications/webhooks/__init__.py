"""Events that a business's own systems are told of, signed as https://www.standardwebhooks.com has it."""
