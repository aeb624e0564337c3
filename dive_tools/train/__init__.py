"""Training: small models from scratch, SFT on attempts, GRPO on tasks, and what other trainers read.

torch, transformers and trl are imported by the modules here and never by the package itself.
"""
