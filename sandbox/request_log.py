"""What was asked of the sandbox, for budgets and oracles. Holds no secrets."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

# Parameters worth keeping; the account number and keys are not among them.
KEPT = frozenset(
    {
        "PDNO",
        "ITEM_CD",
        "SYMB",
        "EXCD",
        "OVRS_EXCG_CD",
        "ORD_QTY",
        "OVRS_ORD_UNPR",
        "ORD_DVSN",
        "ORGN_ODNO",
        "RVSE_CNCL_DVSN_CD",
        "ORD_STRT_DT",
        "ORD_END_DT",
        "WCRC_FRCR_DVSN_CD",
        "PRDT_TYPE_CD",
        "ORD_UNPR",
        "CNDT_PRIC",
        "EXCG_ID_DVSN_CD",
        "QTY_ALL_ORD_YN",
        "CCLD_DVSN",
        "INQR_STRT_DT",
        "INQR_END_DT",
        "FID_INPUT_ISCD",
        "FID_COND_SCR_DIV_CODE",
        "FID_INPUT_HOUR_1",
        "FID_INPUT_DATE_1",
        "FID_INPUT_DATE_2",
        "BASS_DT",
    }
)


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One call and how it was answered. ``status`` 0: the connection was cut."""

    at: datetime
    server: str
    method: str
    path: str
    tr_id: str
    params: dict[str, str]
    msg_cd: str
    status: int

    def as_json(self) -> dict[str, object]:
        """For the control API."""
        return asdict(self) | {"at": self.at.isoformat()}


class RequestLog:
    """All calls in the order they were answered."""

    def __init__(self) -> None:
        self.entries: list[LoggedRequest] = []

    def add(self, entry: LoggedRequest) -> None:
        """Append one."""
        self.entries.append(entry)

    def since(self, moment: datetime | None = None) -> list[LoggedRequest]:
        """Calls at or after ``moment``; all of them without one."""
        if moment is None:
            return list(self.entries)
        return [entry for entry in self.entries if entry.at >= moment]
