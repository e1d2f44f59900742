"""The export gate: exported files are checked before BI may read them, and one that fails stays back."""
