"""An environment in the form of other trainers: a module for each, imported only by who uses that trainer."""
