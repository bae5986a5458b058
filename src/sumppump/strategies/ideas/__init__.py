"""Ideas: thousands of combos of listed strikes priced at once, filtered, ranked by a score that is stated.

Few contracts are quoted; a smile through them prices all others, so that one stale quote is no bargain. The
best are quoted again, every leg of them, and become drafts. Nothing here advises, nothing is sent.
"""
