"""IBKR through `ib_async`'s client, decoder and types, without its order store, request futures or throttle.

The library's `IB` facade keeps guesses about orders and futures that nobody ends; here its `Client` and
`Decoder` speak to an inbox of our own, so that none of that can reach the house.
"""
