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
      names: { backspace: 'Xoá một số', clear: 'Huỷ', plus: 'Cộng', times: 'Nhân', enter: 'Nhập' },
      cancel: (amount) => `Huỷ ${amount}?`,
      refusals: {
        busy: 'Máy đang bận với một giao dịch khác.',
        'too-large': 'Số tiền quá lớn.',
        invalid: 'Máy không nhận phím này.',
        'clock-not-set': 'Đồng hồ của máy chưa đúng, chưa bán được.',
        'store-fault': 'Bộ nhớ của máy gặp lỗi, chưa bán được.',
        'numbers-used-up': 'Máy đã hết số giao dịch. Vui lòng gọi kỹ thuật.',
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
      names: { backspace: 'Delete one digit', clear: 'Cancel', plus: 'Plus', times: 'Times', enter: 'Enter' },
      cancel: (amount) => `Cancel ${amount}?`,
      refusals: {
        busy: 'The terminal is busy with another sale.',
        'too-large': 'The amount is too large.',
        invalid: 'The terminal does not take this key.',
        'clock-not-set': 'The terminal’s clock is not set: it cannot sell yet.',
        'store-fault': 'The terminal’s memory has a fault: it cannot sell.',
        'numbers-used-up': 'The terminal has no order numbers left. Please call support.',
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

  async function refusal(answer) {
    const problem = await answer.json().catch(() => ({}));
    const kind = String(problem.type).replace('urn:tilld:problem:', '');
    return words.refusals[kind] || words.refused;
  }

  async function send() {
    if (sending) return;
    sending = true;
    while (waiting.length) {
      const keys = waiting.splice(0, MOST_KEYS);
      try {
        const answer = await call('/v1/keypad', {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ keys }),
        });
        if (answer.ok) continue;
        // What was typed after a refused key means nothing any more.
        waiting = [];
        say(await refusal(answer));
      } catch {
        // A key must not arrive later than the person who pressed it expects.
        waiting = [];
        say(words.lost);
      }
    }
    sending = false;
  }

  function press(key) {
    say('');
    waiting.push(key);
    send();
  }

  // Cancelling a sale that a customer may be paying is asked about first, by the key's own label.

  const clear = find('keypad').querySelector('[data-key="clear"]');
  let asking = 0;

  function askNoMore() {
    clearTimeout(asking);
    asking = 0;
    clear.classList.remove('asking');
    clear.textContent = 'C';
  }

  async function saleInProgress() {
    try {
      const answer = await call('/v1/sales?limit=1');
      const { sales } = await answer.json();
      return sales.find((sale) => sale.state === 'requesting' || sale.state === 'showing');
    } catch {
      return undefined;
    }
  }

  async function pressClear() {
    if (asking) {
      askNoMore();
      return press('clear');
    }
    const sale = await saleInProgress();
    if (!sale) return press('clear');
    const amount = new Intl.NumberFormat(language, { style: 'currency', currency: sale.currency }).format(sale.amount);
    clear.classList.add('asking');
    clear.textContent = words.cancel(amount);
    clearTimeout(asking);
    asking = setTimeout(askNoMore, 5000);
  }

  function take(key) {
    if (key === 'clear') return pressClear();
    if (asking) askNoMore();
    press(key);
  }

  const keypad = find('keypad');
  keypad.setAttribute('aria-label', words.keypad);
  for (const button of keypad.querySelectorAll('button')) {
    const key = button.dataset.key;
    if (words.names[key]) {
      button.title = words.names[key];
      if (key !== 'clear') button.setAttribute('aria-label', words.names[key]);
    }
    // A button that was touched keeps no focus, so that Enter on the keyboard stays the Enter key.
    button.addEventListener('pointerdown', (event) => event.preventDefault());
    button.addEventListener('click', () => take(key));
  }
  keypad.querySelector('[data-key="enter"]').textContent = words.names.enter;

  const KEYBOARD = { Enter: 'enter', Backspace: 'backspace', Escape: 'clear', Delete: 'clear', '+': 'plus', '*': 'times', x: 'times' };

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = /^[0-9]$/.test(event.key) ? event.key : KEYBOARD[event.key];
    if (!key || (event.repeat && key !== 'backspace')) return;
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
