"""The course as files: the catalogue of exercises, stubs, known mistakes, and releases for students."""
