"""`tieout schedule`: the daily run, started by the scheduler that the machine already has.

- `timing`: when it runs.
- `entry`: what is run, the same words on every machine.
- `cron`, `systemd`, `windows`: one scheduler each, behind `base.Scheduler`.
- `commands`: install, remove and show.
"""
