"""The Korean side of the sandbox: KRX market, tape, books and their KIS faces."""
