"""Every door of the product, by who comes through it. It imports every app, and no app imports it."""
