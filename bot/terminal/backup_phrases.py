"""What ``backup`` and ``restore`` say, in Korean: the engine's English, then ours."""

from __future__ import annotations

PHRASES: tuple[tuple[str, str], ...] = (
    # done
    (r"(.+): (\d+) bytes, opened and checked", "✅ {0}: {1}바이트, 열어서 확인했습니다"),
    (r"(.+): restored into (.+), opened and checked", "✅ {0}: {1}에 되돌리고 열어서 확인했습니다"),
    (r"made (\S+) by version (\S+)", "{0}에 버전 {1} 프로그램이 만듦"),
    (r"  (\S+): (\d+) bytes, encrypted as it lies there", "  {0}: {1}바이트, 암호화된 그대로"),
    (r"  (\S+): (\d+) bytes, version (\d+)", "  {0}: {1}바이트, 버전 {2}"),
    (r"(  \S+: \d+ bytes, version \d+), (\w+) until (\S+)", "{0}, {1} {2}까지"),
    (r"(  \S+: \d+ bytes, version \d+, .+), (\w+) until (\S+)", "{0}, {1} {2}까지"),
    (r"removed (\S+) \(kept: the newest (\d+)\)", "{0} 지움 (최근 {1}개를 남김)"),
    (r"what was there before: (.+)", "전에 있던 것은 여기에: {0}"),
    (
        r"(\S+) of (.+) stays \(remove it first to take the backup's\)",
        "{1}의 {0}은 그대로 둡니다 (백업의 것을 쓰려면 먼저 지우세요)",
    ),
    (
        r"The next start sells and cancels only, until /resume; no mode is higher than before\.",
        "다음 시작부터 /resume 전까지는 매도와 취소만 합니다. 모드는 전보다 높아지지 않습니다.",
    ),
    (
        r"LIVE goes on only where it was in force here; elsewhere confirm it again: /mode live",
        "실전은 여기서 실전이던 데스크만 이어집니다. 아니면 다시 확인하세요: /mode live",
    ),
    # refused
    (r"no (\S+), so there is nothing to back up", "{0} 파일이 없어 백업할 것이 없습니다"),
    (r"no such folder", "그런 폴더가 없습니다"),
    (r"allowed: any folder but (.+) itself", "허용: {0} 자신이 아닌 폴더"),
    (r"exists; --force replaces it", "이미 있습니다. 바꿔 쓰려면 --force"),
    (r"larger than (\d+) bytes", "{0}바이트보다 큽니다"),
    (r"version (\S+), not (\S+)", "버전이 {1}이 아니라 {0}"),
    (r"not a backup, or damaged \((\w+)\)", "백업이 아니거나 손상됐습니다 ({0})"),
    (r"not a backup: no (\S+)", "백업이 아닙니다: {0} 없음"),
    (r"(\S+) is larger than (\S+) bytes", "{0} 크기가 {1}바이트보다 큽니다"),
    (r"holds other files than its (\S+) names", "{0}에 적힌 것과 다른 파일이 들어 있습니다"),
    (
        r"(\S+) is not as named; allowed: (\S+) bytes",
        "{0} 크기가 적힌 것과 다릅니다. 허용: {1}바이트",
    ),
    (r"(\S+) MB free, (\S+) MB are needed", "{0} MB 남음, {1} MB가 필요합니다"),
    (r"damaged: size or sum are not as named", "손상됐습니다: 크기나 검사합이 적힌 것과 다릅니다"),
    (r"names what is not ours; allowed: (.+)", "모르는 파일이 적혀 있습니다. 허용: {0}"),
    (r"names no (\S+)", "{0} 없음"),
    (r"format (\S+); this program knows (\S+)", "형식 {0}. 이 프로그램은 {1}까지 압니다"),
    (r"not readable \((\w+)\)", "읽을 수 없습니다 ({0})"),
    (r"(\S+) has no sound size and sum", "{0}의 크기와 검사합이 없습니다"),
    (r"exists a hundred times", "같은 이름이 백 개나 있습니다"),
    (
        r"belongs to user (\d+); run this as that user",
        "사용자 {0}의 것입니다. 그 사용자로 실행하세요",
    ),
    (
        r"a restore was cut off; run the same restore again",
        "되돌리기가 중간에 끊겼습니다. 같은 되돌리기를 다시 실행하세요",
    ),
    (
        r"a demo's backup; (.+) is no demo's directory",
        "데모의 백업인데 {0}은(는) 데모 폴더가 아닙니다",
    ),
    (
        r"not a demo's backup; (.+) is a demo's directory",
        "데모의 백업이 아닌데 {0}은(는) 데모 폴더입니다",
    ),
    (r"not a database of this program", "이 프로그램의 데이터베이스가 아닙니다"),
    (r"no answer", "답이 없습니다"),
    # the options
    (r"--keep needs a folder: (.+)", "--keep은 폴더에만 씁니다: {0}"),
    (r"--keep: allowed: 1 and more", "--keep 허용: 1 이상"),
    (r"--force needs a file: in a folder nothing is replaced", "--force는 파일에만 씁니다"),
)
