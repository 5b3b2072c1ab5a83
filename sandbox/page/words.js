// What the page itself says, in Korean and English. What the bot says comes from the bot.

import { all } from "./dom.js";

const WORDS = {
  ko: {
    bot: "봇 · 샌드박스", lost: "연결이 끊겼습니다. 다시 연결하는 중…", pinned: "고정된 메시지", menu: "메뉴",
    message: "메시지", send: "보내기", keys: "키보드", bottom: "맨 아래로", theme: "밝게 / 어둡게", panel: "체험 도구",
    close: "닫기", save: "저장", ok: "확인", edited: "수정됨", copied: "복사했습니다", today: "오늘", yesterday: "어제", your_clock: "이 컴퓨터 시각",
    empty: "아직 메시지가 없습니다", no_commands: "메뉴가 비어 있습니다", photo: "사진", file: "파일",
    did_pin: "메시지를 고정했습니다", you: "나", dolpa: "돌파",
    typing: "입력 중", upload_photo: "사진 보내는 중", upload_document: "파일 보내는 중",
    panel_title: "체험 도구", panel_text: "데모에만 있는 패널입니다. 시간을 건너뛰고, 직접 사 보고, 망가뜨려 보세요. 대화의 [실전]도 이 컴퓨터 안의 가짜 KIS이며 진짜 돈에는 닿지 않습니다.",
    clock: "시장 시계", seoul: "서울 KST", ny: "뉴욕 ET", new_york: "뉴욕", speed: "속도",
    korea: "한국", regular: "정규장", premarket: "장전", closed: "장 마감", frozen: "멈춤",
    "opening auction": "시가 동시호가", continuous: "정규장", "closing auction": "종가 동시호가", "after-market": "애프터마켓",
    jump_next: "다음 장면으로", jump_premarket: "뉴욕 장전", jump_open: "뉴욕 개장",
    jump_window_end: "감시 종료", jump_close: "뉴욕 장 마감",
    jump_krx_auction: "한국 동시호가", jump_krx_open: "한국 개장", jump_krx_closing: "한국 종가 동시호가", jump_krx_close: "한국 장 마감", jumped: "시장 시간을 옮겼습니다",
    broker: "증권사 앱", symbol: "종목", shares: "주", buy: "매수", drift: "60초에 +4 %",
    holdings: "보유 종목", orders: "미체결 주문", none_held: "보유 종목이 없습니다", none_open: "미체결 주문이 없습니다",
    buying_power: "주문 가능", market_order: "시장가", sell: "매도", hand: "직접", bought: "주의 매수 주문을 냈습니다", nudged: "가격을 움직였습니다",
    no_price: "아직 체결이 없어 살 수 없습니다. 시간을 조금 옮겨 보세요.", failed: "되지 않았습니다",
    "refused: before the session": "장이 아직 열리지 않았습니다", "refused: after the session": "장이 끝났습니다",
    "refused: not a trading day": "휴장일입니다", "refused: buying power exceeded": "주문 가능 금액이 모자랍니다",
    "refused: not enough sellable shares": "수량을 확인하세요",
    "refused: would trade against one's own order": "내 매도 주문과 맞부딪히는 주문입니다",
    "refused: before this order type's session": "장이 아직 열리지 않았습니다", "refused: after this order type's session": "장이 끝났습니다",
    "refused: symbol halted": "거래가 정지된 종목입니다",
    faults: "고장 내 보기", faults_text: "스위치를 눌러도 이 화면은 계속 움직입니다. 봇이 어떻게 버티는지 보세요.",
    once: "한 번", waiting: "대기 중", struck: "발생함", off: "꺼짐", on: "켜짐",
    loopback: "이 페이지는 이 컴퓨터 안에서만 열립니다. 실제 계좌와는 연결되어 있지 않습니다.",
  },
  en: {
    bot: "bot · sandbox", lost: "Connection lost. Reconnecting…", pinned: "Pinned message", menu: "Menu",
    message: "Message", send: "Send", keys: "Keyboard", bottom: "To the newest", theme: "Light / dark", panel: "Try things",
    close: "Close", save: "Save", ok: "OK", edited: "edited", copied: "Copied", today: "Today", yesterday: "Yesterday", your_clock: "your own clock",
    empty: "No messages yet", no_commands: "The menu is empty", photo: "Photo", file: "File",
    did_pin: "pinned a message", you: "You", dolpa: "Dolpa",
    typing: "typing", upload_photo: "sending a photo", upload_document: "sending a file",
    panel_title: "Try things", panel_text: "A panel of the demo only. Skip time, buy something, try to break it. [LIVE] in the chat means the make-believe KIS in here: no real money can be reached.",
    clock: "Market clock", seoul: "Seoul KST", ny: "New York ET", new_york: "New York", speed: "Speed",
    korea: "Korea", regular: "regular session", premarket: "premarket", closed: "closed", frozen: "stopped",
    "opening auction": "opening auction", continuous: "regular session", "closing auction": "closing auction", "after-market": "after-market",
    jump_next: "To the next scene", jump_premarket: "New York premarket", jump_open: "New York opening",
    jump_window_end: "End of watch", jump_close: "New York close",
    jump_krx_auction: "Korean auction", jump_krx_open: "Korean opening", jump_krx_closing: "Korean closing auction", jump_krx_close: "Korean close", jumped: "Market time has moved",
    broker: "The broker's app", symbol: "Symbol", shares: "shares", buy: "Buy", drift: "+4 % in 60 s",
    holdings: "Holdings", orders: "Open orders", none_held: "Nothing held", none_open: "No open orders",
    buying_power: "Buying power", market_order: "at market", sell: "Sell", hand: "by hand", bought: "shares: buy order placed", nudged: "The price has moved",
    no_price: "No trade yet, nothing to buy at. Move time on a little.", failed: "That did not work",
    "refused: before the session": "The session has not begun", "refused: after the session": "The session is over",
    "refused: not a trading day": "The exchange is closed today", "refused: buying power exceeded": "Not enough buying power",
    "refused: not enough sellable shares": "Check the quantity",
    "refused: would trade against one's own order": "It would meet a sell order of your own",
    "refused: before this order type's session": "The session has not begun", "refused: after this order type's session": "The session is over",
    "refused: symbol halted": "The symbol is halted",
    faults: "Break things", faults_text: "This page goes on whatever you switch. See how the bot copes.",
    once: "once", waiting: "waiting", struck: "has struck", off: "off", on: "on",
    loopback: "This page exists on this computer only. No real account is connected.",
  },
};

export const SWITCHES = {
  ko: {
    socket: ["🔌", "소켓 끊기", "실시간 시세 연결이 끊깁니다. 봇이 스스로 다시 붙습니다."],
    answer: ["📭", "주문 응답 유실", "다음 주문은 접수되지만 응답이 사라집니다."],
    telegram: ["📵", "텔레그램 중단", "켜 두는 동안 봇이 텔레그램에 닿지 못합니다."],
    account: ["🧾", "잔고 조회 실패", "켜 두는 동안 계좌 조회가 모두 실패합니다."],
    notices: ["🔕", "체결통보 유실", "켜 두는 동안 체결통보가 오지 않습니다."],
    slow: ["🐢", "느린 응답", "켜 두는 동안 증권사 응답이 2초씩 늦습니다."],
    flood: ["🚦", "전송 제한 (429)", "다음 알림 세 번을 텔레그램이 3초씩 미룹니다."],
    alert_answer: ["👻", "알림 응답 유실", "다음 알림은 도착하지만 봇은 모릅니다."],
  },
  en: {
    socket: ["🔌", "Cut the socket", "The live quotes break off. The bot reconnects by itself."],
    answer: ["📭", "Lose the order's answer", "The next order is taken, its answer vanishes."],
    telegram: ["📵", "Telegram down", "While on, the bot cannot reach Telegram."],
    account: ["🧾", "Account calls fail", "While on, every account inquiry fails."],
    notices: ["🔕", "Lose fill notices", "While on, no order notice arrives."],
    slow: ["🐢", "Slow answers", "While on, the broker answers 2 s late."],
    flood: ["🚦", "Flood limit (429)", "Telegram puts the next three alerts off by 3 s each."],
    alert_answer: ["👻", "Lose an alert's answer", "The next alert arrives, the bot does not know."],
  },
};

let language = localStorage.getItem("language") === "en" ? "en" : "ko";

export const tongue = () => language;
export const locale = () => (language === "ko" ? "ko-KR" : "en-GB");
export const say = (key) => WORDS[language][key] ?? key;

/** Put the words of the language in force wherever the page asks for them. */
export function speak(root = document) {
  document.documentElement.lang = language;
  for (const node of all("[data-word]", root)) node.textContent = say(node.dataset.word);
  for (const node of all("[data-hint]", root)) node.placeholder = say(node.dataset.hint);
  for (const node of all("[data-title]", root)) {
    node.title = say(node.dataset.title);
    node.setAttribute("aria-label", say(node.dataset.title));
  }
}

export function choose(name) {
  language = name;
  localStorage.setItem("language", name);
  speak();
}
