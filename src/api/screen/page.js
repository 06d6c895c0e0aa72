// Shows the terminal's display live and sends the keys that are pressed, in order. Decides nothing: what a key means is
// the terminal's business, and what came of it is seen on the display.
(() => {
  'use strict';

  const WORDS = {
    vi: {
      live: 'Trực tiếp',
      away: 'Mất kết nối',
      awayLong: 'Không kết nối được với máy. Đang thử lại…',
      noDisplay: 'Máy này không có màn hình.',
      display: 'Màn hình của máy',
      keypad: 'Bàn phím',
      names: { back: 'Xoá một số', escape: 'Huỷ', plus: 'Cộng', times: 'Nhân', enter: 'Nhập' },
      cancel: 'Huỷ?',
      again: (amount) => `Bấm lần nữa để huỷ ${amount}.`,
      refusals: {
        busy: 'Máy đang bận với một giao dịch khác.',
        already_ended: 'Giao dịch đã kết thúc.',
        too_large: 'Số tiền quá lớn.',
        too_long: 'Dãy phím quá dài. Vui lòng xoá bớt.',
        unfinished: 'Phép tính chưa xong.',
        needs_customer: 'Kênh này cần thông tin khách: vui lòng bán từ máy tính tiền.',
        clock_not_set: 'Đồng hồ của máy chưa đúng, chưa bán được.',
        store_fault: 'Bộ nhớ của máy gặp lỗi, chưa bán được.',
        numbers_used_up: 'Máy đã hết số giao dịch. Vui lòng gọi kỹ thuật.',
        queue_full: 'Quá nhiều tin chưa gửi được. Vui lòng nối mạng cho máy.',
        disabled: 'Máy đã bị khóa từ xa. Vui lòng gọi hỗ trợ.',
      },
      refused: 'Máy không nhận phím vừa bấm.',
      lost: 'Không rõ máy đã nhận phím hay chưa. Vui lòng nhìn màn hình.',
    },
    en: {
      live: 'Live',
      away: 'Away',
      awayLong: 'The terminal cannot be reached. Trying again…',
      noDisplay: 'This terminal has no display.',
      display: 'The terminal’s display',
      keypad: 'Keypad',
      names: { back: 'Delete one digit', escape: 'Cancel', plus: 'Plus', times: 'Times', enter: 'Enter' },
      cancel: 'Cancel?',
      again: (amount) => `Press again to cancel ${amount}.`,
      refusals: {
        busy: 'The terminal is busy with another sale.',
        already_ended: 'The sale has ended already.',
        too_large: 'The amount is too large.',
        too_long: 'Too much is typed. Please delete some of it.',
        unfinished: 'The sum is not finished.',
        needs_customer: 'This channel needs the customer’s data: please sell from the cash register.',
        clock_not_set: 'The terminal’s clock is not set: it cannot sell yet.',
        store_fault: 'The terminal’s memory has a fault: it cannot sell.',
        numbers_used_up: 'The terminal has no order numbers left. Please call support.',
        queue_full: 'Too much waits to be sent. Please connect the terminal to the network.',
        disabled: 'The terminal has been shut from afar. Please call support.',
      },
      refused: 'The terminal did not take that key.',
      lost: 'It is not known whether the terminal took the key. Please look at the display.',
    },
  };
  const language = document.documentElement.lang;
  const words = WORDS[language] || WORDS.en;
  const KEPT = 'tilld-token';
  // A little longer than the terminal lets a picture be waited for.
  const PATIENCE = 25000;
  const MOST_KEYS = 32;
  const find = (id) => document.getElementById(id);
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  async function call(path, options = {}) {
    const token = sessionStorage.getItem(KEPT);
    const headers = { ...options.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) };
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), PATIENCE);
    try {
      const answer = await fetch(path, { ...options, headers, cache: 'no-store', signal: abort.signal });
      if (answer.status === 401) {
        // The token was changed: the form asks again.
        sessionStorage.removeItem(KEPT);
        location.reload();
      }
      return answer;
    } finally {
      clearTimeout(timer);
    }
  }

  // The display.

  const display = find('display');
  const frame = find('frame');
  display.alt = words.display;

  function tellLink(away, reason) {
    frame.classList.toggle('away', away);
    find('away').textContent = away ? reason : '';
    find('link').classList.toggle('away', away);
    find('link').textContent = away ? words.away : words.live;
  }

  // Whole multiples of the display's pixels are drawn crisp; other sizes smoothly, so that a code stays readable.
  function fit() {
    const [width, height] = [display.naturalWidth, display.naturalHeight];
    if (!width) return;
    const ratio = window.devicePixelRatio || 1;
    const room = Math.min((frame.clientWidth - 2) / width, (frame.clientHeight - 2) / height) * ratio;
    const whole = Math.floor(room);
    const crisp = whole >= 1 && room / whole < 1.25;
    const scale = (crisp ? whole : Math.max(room, 0.1)) / ratio;
    display.style.width = `${width * scale}px`;
    display.style.height = `${height * scale}px`;
    display.style.imageRendering = crisp ? 'pixelated' : 'auto';
  }
  new ResizeObserver(fit).observe(frame);

  async function show(picture) {
    const old = display.src;
    display.src = URL.createObjectURL(picture);
    await display.decode();
    if (old) URL.revokeObjectURL(old);
    fit();
  }

  const seen = () => new Promise((done) => {
    if (!document.hidden) return done();
    document.addEventListener('visibilitychange', () => done(), { once: true });
  });

  async function watch() {
    let tag = null;
    for (;;) {
      await seen();
      try {
        const headers = tag ? { 'If-None-Match': tag, Prefer: 'wait=20' } : {};
        const answer = await call('/v1/screen.png', { headers });
        if (answer.status === 200) {
          const name = answer.headers.get('ETag');
          await show(await answer.blob());
          tag = name;
        }
        if (answer.status === 200 || answer.status === 304) {
          tellLink(false);
          continue;
        }
        tag = null;
        tellLink(true, answer.status === 404 ? words.noDisplay : words.awayLong);
        await pause(5000);
      } catch {
        tag = null;
        tellLink(true, words.awayLong);
        await pause(1000);
      }
    }
  }
  window.addEventListener('offline', () => tellLink(true, words.awayLong));

  // The keypad.

  let waiting = [];
  let sending = false;
  let fading = 0;

  function say(message) {
    find('message').textContent = message;
    clearTimeout(fading);
    if (message) fading = setTimeout(() => say(''), 6000);
  }

  const post = (path, body) => call(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

  // What was typed after a key that was refused means nothing any more.
  function giveUp(message) {
    waiting = [];
    say(message);
  }

  async function refusal(answer) {
    const problem = await answer.json().catch(() => ({}));
    const kind = String(problem.type).replace('urn:tilld:problem:', '').replaceAll('-', '_');
    return words.refusals[kind] || words.refused;
  }

  async function sendKeys(keys) {
    const answer = await post('/v1/keypad', { keys });
    if (!answer.ok) return giveUp(await refusal(answer));
    const { entry } = await answer.json();
    // What is typed next may mend it: the terminal keeps count.
    if (entry && entry.problem) say(words.refusals[entry.problem] || words.refused);
  }

  // Cancelling a sale that a customer may be paying is asked about first, by the key's own label. What is cancelled then
  // is the sale that was asked about, not whatever may have come in its place.

  const escape = find('keypad').querySelector('[data-key="escape"]');
  let asked = null;
  let patience = 0;

  function ask(sale) {
    clearTimeout(patience);
    asked = sale;
    escape.classList.toggle('asking', Boolean(sale));
    escape.textContent = sale ? words.cancel : 'C';
    say('');
    if (!sale) return;
    const amount = new Intl.NumberFormat(language, { style: 'currency', currency: sale.currency }).format(sale.amount);
    say(words.again(amount));
    patience = setTimeout(() => ask(null), 5000);
  }

  async function sendEscape() {
    if (asked) {
      const answer = await post(`/v1/sales/${asked.id}/cancel`, {});
      ask(null);
      if (!answer.ok) giveUp(await refusal(answer));
      return;
    }
    const answer = await call('/v1/sales?limit=1');
    if (!answer.ok) return giveUp(await refusal(answer));
    const { sales: [newest] } = await answer.json();
    if (!newest || !['requesting', 'showing'].includes(newest.state)) return sendKeys(['escape']);
    waiting = [];
    ask(newest);
  }

  async function send() {
    if (sending) return;
    sending = true;
    while (waiting.length) {
      try {
        if (waiting[0] === 'escape') {
          waiting.shift();
          await sendEscape();
          continue;
        }
        if (asked) ask(null);
        const end = waiting.indexOf('escape');
        await sendKeys(waiting.splice(0, Math.min(end < 0 ? MOST_KEYS : end, MOST_KEYS)));
      } catch {
        // A key must not arrive later than the person who pressed it expects.
        giveUp(words.lost);
      }
    }
    sending = false;
  }

  function take(key) {
    say('');
    waiting.push(key);
    send();
  }

  const keypad = find('keypad');
  keypad.setAttribute('aria-label', words.keypad);
  for (const button of keypad.querySelectorAll('button')) {
    const key = button.dataset.key;
    if (words.names[key]) {
      button.title = words.names[key];
      if (key !== 'escape') button.setAttribute('aria-label', words.names[key]);
    }
    // A button that was touched keeps no focus, so that Enter on the keyboard stays the Enter key.
    button.addEventListener('pointerdown', (event) => event.preventDefault());
    button.addEventListener('click', () => take(key));
  }
  keypad.querySelector('[data-key="enter"]').textContent = words.names.enter;

  const KEYBOARD = {
    Enter: 'enter', Backspace: 'back', Escape: 'escape', Delete: 'escape', '+': 'plus', '*': 'times', x: 'times',
  };

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = /^[0-9]$/.test(event.key) ? event.key : KEYBOARD[event.key];
    if (!key || (event.repeat && key !== 'back')) return;
    // Somebody who walks over the buttons by keyboard presses the one that he is on.
    if (event.key === 'Enter' && event.target.closest('button')) return;
    event.preventDefault();
    keypad.querySelector(`[data-key="${key}"]`).classList.add('down');
    take(key);
  });
  document.addEventListener('keyup', () => {
    for (const button of keypad.querySelectorAll('.down')) button.classList.remove('down');
  });

  tellLink(true, '');
  watch();
})();
