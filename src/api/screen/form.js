// Asks for the terminal's token, keeps it for this tab alone, and opens the page of the display with it.
(() => {
  'use strict';

  const WORDS = {
    vi: {
      question: 'Nhập mã truy cập của máy để xem màn hình và bàn phím.',
      open: 'Mở màn hình',
      wrong: 'Mã truy cập không đúng.',
      away: 'Không kết nối được với máy. Vui lòng thử lại.',
    },
    en: {
      question: 'Enter the terminal’s access token to see its display and keypad.',
      open: 'Open the display',
      wrong: 'The access token is wrong.',
      away: 'The terminal cannot be reached. Please try again.',
    },
  };
  const words = WORDS[document.documentElement.lang] || WORDS.en;
  const KEPT = 'tilld-token';
  const find = (id) => document.getElementById(id);
  const form = find('form');

  find('question').textContent = words.question;
  find('open').textContent = words.open;

  function ask(message) {
    find('message').textContent = message;
    form.hidden = false;
    find('token').focus();
  }

  async function enter(token) {
    let page;
    try {
      // A token of other characters cannot be sent at all.
      const headers = /^[\x21-\x7e]+$/.test(token) ? { Authorization: `Bearer ${token}` } : {};
      const answer = await fetch('/screen', { headers, cache: 'no-store' });
      if (answer.status === 401) {
        sessionStorage.removeItem(KEPT);
        ask(words.wrong);
        return;
      }
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      page = await answer.text();
    } catch {
      ask(words.away);
      return;
    }
    sessionStorage.setItem(KEPT, token);
    document.open();
    document.write(page);
    document.close();
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    enter(find('token').value.trim());
  });

  const kept = sessionStorage.getItem(KEPT);
  if (kept) enter(kept);
  else ask('');
})();
