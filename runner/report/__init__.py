"""The page for people: the exported marts as one self-contained HTML file beside them. No figure is computed here."""
