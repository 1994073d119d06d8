"""Open launches as the browser sees them: cookies, and the guard that every page passes."""
