"""Build what a training needs from the configuration: the only part of it that reads one."""
