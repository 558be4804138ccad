"""The demonstration's children: files and records loaded in sets from the data folder's register and facts; some
stories told through the doors, so that every list of the records has something to show."""
