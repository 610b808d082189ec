"""Records of a database, read and counted without what its modules define."""
