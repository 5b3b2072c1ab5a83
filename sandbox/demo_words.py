"""What the demo says at the terminal: Korean, and below it English, as nobody has chosen yet.

What scripts read stands in English alone: the lines that begin with ``DEMO``.
"""

from __future__ import annotations

BEGINS = (
    "가상 거래소와 비서를 시작합니다. 몇 초 걸립니다 ...\n"
    "Starting the sandbox and the assistant; this takes some seconds ..."
)
ONCE_BEGINS = (
    "가상 거래소와 비서를 시작합니다. 발췌한 장면들이 2분쯤 이어집니다 ...\n"
    "Starting the sandbox and the assistant; the excerpts take about two minutes ..."
)
ENDED = "데모를 끝냈습니다. 다시: python3 run.py demo\nThe demo has ended. Again: as above."
BROKEN_OFF = (
    "데모를 중간에 멈췄습니다. 다시: python3 run.py demo --once\nBroken off. Again: as above.\n"
    "DEMO FAILED broken off"
)
GOES_LIVE = (
    "데모가 대신 /mode live를 입력합니다. 가상의 KIS라 실제 돈이 아닙니다.\n"
    "The demo types /mode live for you: the sandbox's own KIS, no real money."
)
BUYS = (
    "데모가 증권사 앱에서 사듯 AAPL 5주를 대신 사고 값을 올립니다.\n"
    "It buys 5 AAPL for you, as in the broker's app, and lifts the price."
)


def failed(reason: str, hint: str = "") -> str:
    """The last line is the contract's. ``hint``: Korean, where there is more to say."""
    why = hint or "데모가 끝까지 가지 못했습니다. 까닭은 다음 줄(영어)에 있습니다."
    return f"{why}\nDEMO FAILED {reason}"


def port_taken(port: int, other: int) -> str:
    """Nobody can serve there."""
    return f"포트 {port} 사용 불가. 다른 포트로: python3 run.py demo --port {other}"


def kept_in(place: str) -> str:
    """Where to look after a failure."""
    return f"데모가 쓴 파일(기록 포함): {place}\nWhat the demo wrote is kept in {place}"


def open_page(url: str) -> str:
    """The chat page."""
    return (
        f"브라우저에서 여세요: {url}/ (끝내기: 이 창에서 Ctrl-C)\n"
        f"Open {url}/ in your browser (Ctrl-C ends the demo)"
    )


def tunnel(command: str) -> str:
    """Over SSH, how to bring the page to one's own computer."""
    return (
        "SSH로 들어오셨네요. 내 컴퓨터의 다른 터미널에서 (USER@HOST는 로그인할 때 쓰는 것):\n"
        "You came by SSH. On your own computer, in another terminal (put USER@HOST as you log in):"
        f"\n  {command}"
    )


def asked_why(symbol: str) -> str:
    """The first buy's reasons."""
    return (
        f"데모가 대신 /why {symbol}, 곧 첫 매수의 이유를 물었습니다.\n"
        f"The demo asked /why {symbol} for you: its first buy."
    )


def yours(speed: float) -> str:
    """The demo has done its part."""
    return (
        f"이제 시장 시계는 {speed:g}배로 갑니다. 나머지는 직접 해 보세요.\n"
        f"The market's clock now runs at {speed:g}x; the rest is yours."
    )
