"""Alerts: what is wrong now is told to the right person once, whatever breaks on the way.

- `conditions`: what is wrong, read from the exported mart and from the run itself.
- `routes`: who is to be told.
- `changes`: what of it is news, held against the ledger.
- `ledger`: what was told to whom, in a SQLite file that survives a kill at any moment.
- `messages` and `channels`: how it is told.
- `delivery`: telling it, with retries.
- `commands`: `tieout alerts`.
"""
