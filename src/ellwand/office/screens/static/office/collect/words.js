// Words of the collector's pages, in Chinese and English side by side.

const WORDS = {
  stalls: ["我的摊位", "My stalls"],
  sent: ["已报送", "Sent"],
  done_of: ["{done} / {due}", "{done} / {due}"],
  left: ["还有 {n} 项未填", "{n} to fill in"],
  all_done: ["全部填完", "All filled in"],
  cutoff: ["截止：{at}", "Cut-off {at}"],
  cutoff_passed: ["已过截止时间（{at}）；此后报送的须由主管决定。", "The cut-off has passed ({at}); what you send now waits for a supervisor."],
  offline: ["无网络，照常填写", "No connection; carry on"],
  online: ["已联网", "Connected"],
  waiting: ["{n} 项待发送", "{n} waiting to be sent"],
  nothing_waiting: ["全部已发送", "Everything is sent"],
  sending: ["正在发送……", "Sending …"],
  send_now: ["立即发送", "Send now"],
  sign_in: ["登录已过期。填写的内容都在手机里，登录后即可发送。", "You are signed out. Everything you entered is on this phone; sign in to send it."],
  sign_in_act: ["登录", "Sign in"],
  others: ["手机里还有 {name} 的 {n} 项未发送，须由本人登录后发送。", "{n} entries of {name} wait on this phone; {name} has to sign in to send them."],
  too_many: ["请求过于频繁，稍后自动重试。", "Too many requests; it goes on in a while."],
  fault: ["服务器未能接收，稍后自动重试。内容已保存在手机里。", "The office could not take it and is asked again later. Everything is kept on this phone."],
  no_list: ["还没有采价任务。请在有网络时打开一次本页。", "No list yet. Open this page once while there is a connection."],
  no_round: ["目前没有正在采价的期次。新一期开始后，任务会显示在这里。", "No round is collecting now. Your stalls appear here when the next one begins."],
  nothing_assigned: ["本期没有分配给您的摊位。请联系主管。", "No stall is assigned to you in this round. Ask your supervisor."],
  list_of: ["名单更新于 {at}", "List of {at}"],
  open: ["未填", "open"],
  state_waiting: ["待发送", "on this phone"],
  state_sent: ["已收到", "received"],
  state_late: ["待主管决定", "late: waits for a supervisor"],
  state_refused: ["未被接收", "refused"],
  state_asked: ["须说明原因", "needs a reason"],
  state_returned: ["审核退回", "sent back"],
  returned_why: ["审核员退回：{reason}", "Sent back by the review: {reason}"],
  overtook: ["您填写之前，{by} 于 {at} 填写过 {said}；现以您的为准。", "{by} had entered {said} ({at}) before you; yours is in force now."],
  state_conflict: ["有冲突", "conflict"],
  state_record: ["已在记录中", "in the record"],
  back: ["返回", "Back"],
  stall_closed: ["整个摊位停业", "The whole stall is closed"],
  stall_closed_sure: ["将 {n} 项记为停业", "Mark {n} items as closed"],
  cancel: ["取消", "Cancel"],
  last: ["上期", "Last"],
  last_hidden: ["上期价格不显示", "Last price not shown"],
  no_last: ["上期无价格", "No last price"],
  same_as_last: ["与上期相同", "Same as last"],
  price: ["价格", "Price"],
  status: ["状态", "Status"],
  available: ["有货", "Available"],
  closed: ["停业", "Closed"],
  out_of_stock: ["缺货", "Out of stock"],
  substituted: ["替代", "Substituted"],
  kind: ["价格类型", "Type"],
  deal: ["成交价", "Deal"],
  firm_offer: ["确认报价", "Firm offer"],
  asking: ["挂牌价", "Asking"],
  more: ["数量、备注", "Quantity, remark"],
  quantity: ["成交数量（{measure}）", "Quantity ({measure})"],
  remark: ["备注", "Remark"],
  remark_substituted: ["替代品是什么", "What took its place"],
  reason: ["请说明原因", "Why?"],
  reason_change: ["已有记录，请说明更改原因", "There is a quote already; why does it change?"],
  unusual: ["与上期相比变动较大，请核对；确认无误请说明原因。", "Far from the last price: check it, and if it is right say why."],
  give_price: ["请填写价格，或选择停业、缺货。", "Give the price, or choose closed or out of stock."],
  not_a_price: ["价格须大于0，最多4位小数。", "The price must be above 0, with 4 decimals at most."],
  give_kind: ["请选择价格类型。", "Choose the type of price."],
  give_reason: ["请说明原因。", "Say why."],
  give_remark: ["请说明替代品。", "Say what took its place."],
  save_next: ["保存，下一项", "Save, next"],
  save: ["保存", "Save"],
  delete_digit: ["删除一位", "Delete a digit"],
  point: ["小数点", "Point"],
  spec: ["规格", "Specification"],
  entered: ["填写于 {at}", "Entered {at}"],
  receipt: ["回执号", "Receipt"],
  nothing_sent: ["还没有报送。发送后，回执号会列在这里。", "Nothing sent yet. Receipts will be listed here."],
  conflict_head: ["有人在此期间填写了同一项", "Somebody entered the same item meanwhile"],
  yours: ["您填写的", "Yours"],
  theirs: ["记录中的", "In the record"],
  keep_mine: ["用我的，说明原因", "Use mine, and say why"],
  keep_theirs: ["保留记录中的", "Keep what is there"],
  by_at: ["{by}，{at}", "{by}, {at}"],
  conflicts: ["{n} 项冲突待处理", "{n} conflicts to settle"],
  refusals: ["{n} 项未被接收，请更正", "{n} not taken in; correct them"],
  full: ["手机存储空间不足，无法保存。请清理后重试；本项尚未保存。", "The phone has no room left and this entry is NOT kept. Free some space and save again."],
  no_store: ["此浏览器不能离线保存。请退出无痕模式，或换用其他浏览器。", "This browser cannot keep entries offline. Leave private mode, or use another one."],
  language: ["English", "中文"],
  page: ["采价", "Collect"],
  desk: ["工作台", "Desk"],
  of_list: ["{n} / {all}", "{n} / {all}"],
};

export const chinese = () => !document.documentElement.lang.startsWith("en");

export function say(key, values = {}) {
  const text = WORDS[key][chinese() ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

// The name of a row of a register in the language in use.
export const named = (row) => (chinese() ? row.zh || row.en : row.en || row.zh) || row.code || "";

export const measured = (row) => (chinese() ? row.measure_zh || row.measure : row.measure);

export function switchLanguage() {
  document.documentElement.lang = chinese() ? "en" : "zh-Hans";
  document.cookie = `django_language=${chinese() ? "zh-hans" : "en"};path=/;max-age=31536000;samesite=lax`;
}

// An instant in the zone of the market, whatever the phone's own is.
export function instant(text, zone) {
  if (!text) return "–";
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(new Date(text));
  const { year, month, day, hour, minute } = Object.fromEntries(parts.map((p) => [p.type, p.value]));
  return `${chinese() ? `${Number(month)}月${Number(day)}日` : `${year}-${month}-${day}`} ${hour}:${minute}`;
}
