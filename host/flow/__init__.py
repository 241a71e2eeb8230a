"""The year-end closing as people do it, over the same public methods and HTTP that the screens use."""

from .closing import Closing
from .department import Department
from .ministry import Ministry, Reporting
from .school import SchoolSite
from .session import PASSWORD, PIN

__all__ = ["PASSWORD", "PIN", "Closing", "Department", "Ministry", "Reporting", "SchoolSite"]
