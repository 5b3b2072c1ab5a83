"""An invented Korean market: sixty names that resemble real ones, and what is wrong with some.

No company of these names or codes exists. Codes begin with 8, which KRX has not given out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sandbox.krx.prices import floor_tick

KOSPI, KOSDAQ = "KOSPI", "KOSDAQ"
HUNDRED_MILLION = 100_000_000
THOUSAND = 1_000


@dataclass(frozen=True, slots=True)
class KrxListing:
    """One tradable thing as it stands this morning.

    ``base_price`` is yesterday's regular close; ``prev_*`` are yesterday's; ``usual_volume`` is
    what a day is expected to trade. ``group`` is the security group (ST share, EF ETF, EN ETN),
    ``warning`` 00 none to 03 risk, ``overheated`` 0 to 3, ``preferred`` 0 to 2, ``large`` whether
    it belongs to KOSPI 200 or KOSDAQ 150. ``shares`` counts single shares.
    """

    symbol: str
    name: str
    segment: str
    base_price: Decimal
    usual_volume: int
    shares: int
    group: str = "ST"
    par: int = 500
    listed_on: date = date(2011, 5, 20)
    large: bool = False
    preferred: int = 0
    spac: bool = False
    managed: bool = False
    halted: bool = False
    liquidation: bool = False
    warning: str = "00"
    overheated: int = 0
    caution: bool = False
    prev_high: Decimal = Decimal(0)
    prev_volume: int = 0

    @property
    def market_cap(self) -> Decimal:
        """Won, at the base price."""
        return self.base_price * self.shares

    @property
    def is_ordinary(self) -> bool:
        """A common share that nothing is wrong with."""
        plain = self.group == "ST" and not self.preferred and not self.spac
        sound = not (self.managed or self.halted or self.liquidation or self.caution)
        return plain and sound and self.warning == "00" and self.overheated == 0


# Code, name, price in won, value traded on a usual day and market value in 100 million won.
_KOSPI = """
810010 한울전자부품 71400 820 48200 L
810030 서해중공업 43850 640 39400 L
810050 대륜에너지솔루션 318500 910 74100 L
810070 아라케미칼 124300 380 21800 L
810090 동림해운 18230 540 17600 L
810110 미르방산 246500 760 26900 L
810130 세림원자력 27650 690 14300 L
810150 청람전선 36900 420 9800 L
810170 온누리금융지주 58200 310 61500 L
810190 해솔식품 152400 120 11300 L
810210 가람건설 6740 95 3900 .
810230 금양철강산업 21450 180 6200 .
810250 우진물산 9320 64 2800 .
810270 보람제약 34150 88 4400 .
810290 늘봄화장품 47300 260 5900 .
810310 태광기계공업사 12840 52 2300 .
810330 한뫼시멘트 4385 14 1500 .
810350 나래항공 11260 210 4700 .
810370 새얼보험 8150 9 3300 .
810390 도담제지 2715 6 900 .
810410 송백홀딩스 88700 3 5100 .
"""
_KOSDAQ = """
820010 파란바이오랩 63800 720 31400 L
820030 이음로보틱스 94600 880 18700 L
820050 누리소프트웍스 27150 340 6800 L
820070 아이온반도체 156700 650 22300 L
820090 제이앤코스메틱 38950 290 5200 L
820110 하늘배터리소재 83200 570 16900 L
820130 비전포토닉스 19840 410 3700 .
820150 한결게임즈 41600 230 4900 L
820170 에스라인엔터 51900 360 7400 L
820190 다온의료기기 14720 170 2600 .
820210 코어메모리텍 32450 480 4300 .
820230 위드플랫폼 7830 130 1900 .
820250 바론디스플레이 11590 155 2100 .
820270 유니젠테라퓨틱스 22700 320 5600 .
820290 초록수소 4920 190 1700 .
820310 티엘정밀 16380 76 1400 .
820330 모아페이먼츠 9610 58 1200 .
820350 그린팜바이오 3475 83 1100 .
820370 삼우인프라 5860 22 800 .
820390 드림에듀테크 1842 31 700 .
820410 에코필터 6290 12 600 .
820430 두온시스템즈 13150 5 950 .
820450 예인푸드 2380 2 400 .
"""


def _table(text: str, segment: str) -> list[KrxListing]:
    rows = []
    for line in text.strip().splitlines():
        code, name, price, value, worth, size = line.split()
        won = Decimal(price)
        base = floor_tick(won)
        rows.append(
            KrxListing(
                symbol=code,
                name=name,
                segment=segment,
                base_price=base,
                usual_volume=int(int(value) * HUNDRED_MILLION / base),
                shares=int(int(worth) * HUNDRED_MILLION / base) // THOUSAND * THOUSAND,
                par=5_000 if won > 100_000 else 500,  # noqa: PLR2004 - dear shares have a high par
                large=size == "L",
            )
        )
    return rows


def _peculiar() -> list[KrxListing]:
    """Those a sound filter leaves out, each for one reason."""
    million = 1_000_000

    def odd(
        symbol: str, name: str, segment: str, price: int, volume: int, **traits: object
    ) -> KrxListing:
        return KrxListing(symbol, name, segment, Decimal(price), volume, 20 * million, **traits)  # type: ignore[arg-type]  # each trait is written below with its own type

    return [
        odd("810015", "한울전자부품우", KOSPI, 58900, 150_000, preferred=1, large=True),
        odd("810056", "대륜에너지솔루션2우B", KOSPI, 214500, 21_000, preferred=2),
        odd("830010", "새벽 코스피200", KOSPI, 38415, 4 * million, group="EF"),
        odd("830030", "새벽 코스닥150레버리지", KOSPI, 9820, 9 * million, group="EF"),
        odd("830050", "한길 미국나스닥100", KOSPI, 17545, 2 * million, group="EF"),
        odd("Q840010", "한길 레버리지 원유 선물 ETN", KOSPI, 12385, 300_000, group="EN"),
        odd("850010", "새벽제9호스팩", KOSDAQ, 2055, 90_000, spac=True, par=100),
        odd("850030", "한길스팩14호", KOSDAQ, 2130, 700_000, spac=True, par=100),
        odd("860010", "옛길조선기자재", KOSPI, 1268, 800_000, managed=True),
        odd("860030", "가야디지텍", KOSDAQ, 734, 1_500_000, managed=True, caution=True),
        odd("860050", "온새미물류", KOSDAQ, 3120, 0, halted=True, managed=True),
        odd("860070", "바다빛인터내셔널", KOSDAQ, 215, 900_000, liquidation=True),
        odd("870010", "번개양자컴퓨팅", KOSDAQ, 18870, 4 * million, warning="02"),
        odd("870030", "한마루초전도", KOSPI, 5430, 6 * million, warning="01"),
        odd("870050", "미래신약연구소", KOSDAQ, 29350, 2 * million, warning="03"),
        odd("870070", "하나로이차전지", KOSDAQ, 8740, 5 * million, overheated=2),
        odd("870090", "누비라정보기술", KOSDAQ, 1525, 2 * million, caution=True),
    ]


DEFAULT_KRX = (*_table(_KOSPI, KOSPI), *_table(_KOSDAQ, KOSDAQ), *_peculiar())
