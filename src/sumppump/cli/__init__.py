"""The program that a person starts."""
