"""The KRX desk: scans, scores, enters, manages, exits by itself."""
