"""A small stand-in for Stripe, for development and tests only.

A process of its own (`python -m local.demo_stripe --help`) that answers with Stripe's URLs, parameters and
bodies for the part of the API that PeepoPay uses. The application meets it through two addresses
(`STRIPE_API_BASE`, `STRIPE_JS_URL`) and has no branch for it. No money moves, no real card is accepted, it
listens on the loopback address only and refuses to start with a live key.

    server    HTTP in and out                 intents, charges, refunds, accounts   the resources
    gateway   who may call, faults, replay    events, webhooks                      what it tells the application
    routes    address -> function             control, faults                       how tests make things go wrong
    store     SQLite: survives a restart      assets/                               stripe.js and the card fields
"""

API_VERSION = "2026-10-28.endive"
