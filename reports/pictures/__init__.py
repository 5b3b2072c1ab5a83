"""Reports and trades as pictures, drawn by a short-lived child; only it loads matplotlib."""
