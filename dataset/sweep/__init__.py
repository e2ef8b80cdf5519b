"""How much compression a classifier of a labelled folder stands."""
