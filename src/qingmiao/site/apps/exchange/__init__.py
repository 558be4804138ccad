"""Exchange between county, city and province: packages of totals made, taken and answered; files, no tables."""
