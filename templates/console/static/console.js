// Keys for the review page; everything works without them.
