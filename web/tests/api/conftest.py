from .strangers import book

__all__ = ["book"]
