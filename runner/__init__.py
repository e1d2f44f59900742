"""Runs the tieout project: checks its inputs, builds it with dbt, exports its marts and shows the figures."""
