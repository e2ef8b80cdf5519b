"""The page of `genloss review`: one person, on this computer alone, looks at the groups of a plan and decides."""
