"""What every formula raises where its definition gives no number."""


class Undefined(Exception):
    """The definition gives no number for these inputs."""
