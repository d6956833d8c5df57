"""What programs follow and what search machines read: feeds, the calendar file, the map of the site, the catalogue."""
