"""Uses every call of a running terminal by the client that `generate.py` made from the terminal's own document.

`client_test.py HOST:PORT`, with the client as `till_client.py` on the path. The customer is whoever started this program: a line
`pay ORDER AMOUNT` on standard output asks for a payment, a line on standard input says that it was made.
"""

import sys
import time

import till_client as till
from till_client import Client, NewSale, Refused

PATIENCE = 20


def check(fits, seen):
    if not fits:
        raise AssertionError(seen)


def refused(status, kind, call, *arguments, **named):
    """The call is refused as documented; returns the refusal."""
    try:
        answer = call(*arguments, **named)
    except Refused as refusal:
        check((refusal.status, refusal.kind) == (status, kind), (call.__name__, refusal.status, refusal.kind))
        return refusal
    raise AssertionError(f"{call.__name__} was not refused: {answer}")


def wait_state(client, sale, state):
    end = time.monotonic() + PATIENCE
    while True:
        seen = till.show_sale(client, id=sale).value
        if seen.state == state:
            return seen
        check(time.monotonic() < end, f"{sale} is not {state}: {seen}")
        time.sleep(0.02)


def pay(sale):
    print(f"pay {sale.order} {sale.amount}", flush=True)
    check(sys.stdin.readline() == "paid\n", "nobody paid")


def sell_and_be_refused(client):
    """One sale with an idempotency key, and everything that stands in the way of another one."""
    wanted = NewSale(
        amount=50_000,
        reference="ORDER-77",
        note="Bàn 4",
        customer=till.Customer(name="Lan"),
        items=[till.Item(name="Cà phê", quantity=2, price=25_000)],
    )
    key = f"order-77-{time.time_ns()}"
    made = till.sell(client, wanted, idempotency_key=key)
    sale = made.value
    check(made.status == 201 and made.headers["location"] == f"/v1/sales/{sale.id}", made)
    check((sale.amount, sale.reference, sale.note, sale.currency) == (50_000, "ORDER-77", "Bàn 4", "VND"), sale)
    again = till.sell(client, wanted, idempotency_key=key)
    check(again.status == 200 and again.value.id == sale.id, again)
    refused(422, "idempotency-mismatch", till.sell, client, NewSale(amount=1), idempotency_key=key)
    busy = refused(409, "busy", till.sell, client, NewSale(amount=1))
    check(busy.problem.sale == sale.id, busy.problem)
    showing = wait_state(client, sale.id, "showing")
    check(showing.qr_kind == "vietqr" and showing.expires_at is not None, showing)
    refused(409, "not-ended", till.acknowledge_sale, client, id=sale.id)
    return showing


def cancel_and_pay(client, first):
    check(till.cancel_sale(client, id=first.id).status == 202, "a cancel is taken")
    cancelled = wait_state(client, first.id, "cancelled")
    refused(409, "already-ended", till.cancel_sale, client, id=first.id)
    check(till.acknowledge_sale(client, id=first.id).value.id == first.id, cancelled)
    refused(403, "wrong-pin", till.acknowledge_sale, client, id=first.id, body=till.Acknowledgement(pin="1234"))
    second = wait_state(client, till.sell(client, NewSale(amount=20_000, expire_s=60)).value.id, "showing")
    pay(second)
    paid = wait_state(client, second.id, "paid")
    check((paid.paid_amount, [payment.via for payment in paid.payments]) == (20_000, ["webhook"]), paid)
    return cancelled, paid


def refuse_what_is_wrong(client):
    for body, field in [
        (NewSale(amount=0), "amount"),
        (NewSale(amount=1, channel="nowhere"), "channel"),
        (NewSale(amount=1, expire_s=1), "expire_s"),
        (NewSale(amount=1, items=[till.Item(name="a", quantity=1, price=2)]), "items"),
    ]:
        problem = refused(422, "invalid", till.sell, client, body).problem
        check(problem.field == field, problem)
    refused(422, "invalid", till.list_sales, client, limit=0)
    refused(422, "invalid", till.list_sales, client, state="done")
    for call in (till.show_sale, till.cancel_sale, till.acknowledge_sale):
        refused(404, "not-found", call, client, id="0001017-000000001")
        refused(404, "not-found", call, client, id="a b/c")


def type_an_amount(client):
    """The keypad: an amount is typed, refused while it is wrong, sold, and cancelled by a key."""
    typed = till.press(client, till.Keys(keys=["2", "5", "000", "times"])).value
    check(typed.entry.text != "" and typed.sale is None, typed)
    check(till.press(client, till.Keys(keys=["enter"])).value.entry.problem == "unfinished", typed)
    typed = till.press(client, till.Keys(keys=["3", "plus", "8", "000"])).value
    check((typed.entry.amount, typed.entry.problem) == (83_000, None), typed)
    sold = till.press(client, till.Keys(keys=["enter"])).value
    check(sold.entry is None and sold.sale.amount == 83_000, sold)
    refused(409, "busy", till.press, client, till.Keys(keys=["1"]))
    check(till.press(client, till.Keys(keys=["escape"])).status == 200, sold)
    wait_state(client, sold.sale.id, "cancelled")
    refused(422, "invalid", till.press, client, till.Keys(keys=["F1"]))
    refused(422, "invalid", till.press, client, till.Keys(keys=[]))


def list_and_look(client, newest):
    page = till.list_sales(client, limit=1).value
    check([sale.id for sale in page.sales] == [newest[0].id] and page.next is not None, page)
    rest = till.list_sales(client, limit=1, cursor=page.next, since=newest[1].created_at).value
    check([sale.id for sale in rest.sales] == [newest[1].id], rest)
    check(len(till.list_sales(client, state="paid").value.sales) == 1, "one sale is paid")
    receipts = till.list_receipts(client, matched=False).value.receipts
    check([receipt.amount for receipt in receipts] == [70_000], receipts)
    check(till.list_receipts(client, matched=True, limit=200).value.receipts == [], "none is matched")
    keep_the_books(client, *newest)
    read_a_journal(client, *newest)
    match_by_hand(client, receipts[0], newest[1])
    status = till.status(client).value
    check(status.links["broker"].up and status.terminal.number == 1017 and status.display.ok, status)
    queue = till.queue(client).value
    check(queue.count == len(queue.entries) and not queue.more, queue)
    check(till.flight(client).value.startswith(b'{"flight":1,'), "the recording begins with its version")
    check(till.healthz(client).value.status == "ok", "healthy")
    check("# TYPE" in till.metrics(client).value, "metrics are Prometheus text")
    check(till.replay(client).status == 202, "a replay is taken")
    check("/v1/sales" in till.describe(client).value["paths"], "the document is there")
    check("<html" in till.screen_page(client).value, "the page is there")


def keep_the_books(client, paid, cancelled):
    """What the day comes to agrees with its sales. The test may run over a counter's midnight."""
    report = till.report(client).value
    sales = [paid, cancelled]
    check(report.complete and report.sales.count in (0, 1, 2), report)
    if report.sales.count == len(sales):
        sums = (sum(sale.amount for sale in sales), sum(sale.paid_amount for sale in sales))
        check((report.sales.amount, report.sales.paid_amount) == sums, report)
        check({(line.channel, line.state) for line in report.sales.by} == {("payos", "paid"), ("payos", "cancelled")}, report)
    check(till.report(client, day="2020-02-29").value.received == [], "nothing came long ago")
    lines = till.report_csv(client, day=report.day).value.splitlines()
    check(lines[0].startswith("kind,id,time,state,flags,channel,currency,amount,paid_amount"), lines)
    refused(422, "invalid", till.report, client, day="yesterday")
    refused(422, "invalid", till.report_csv, client, day="yesterday")


def read_a_journal(client, paid, cancelled):
    journal = till.journal(client, id=paid.id).value
    check(journal.sale == paid.id and journal.dropped == 0, journal)
    check(journal.entries[0].cause.kind == "sale_call" and journal.entries[0].cause.who == "cashier", journal)
    counted = [(entry.cause.kind, proof.via) for entry in journal.entries for proof in entry.counted]
    check(counted == [("webhook", "webhook")], journal)
    check("cancel_call" in [entry.cause.kind for entry in till.journal(client, id=cancelled.id).value.entries], cancelled)
    refused(404, "not-found", till.journal, client, id="0001017-000000001")


def match_by_hand(client, receipt, cancelled):
    """Money without a sale is matched to one, once, by whoever knows the PIN."""
    right = till.Match(sale=cancelled.id, pin="2468")
    wrong = till.Match(sale=cancelled.id, pin="1234")
    refused(403, "wrong-pin", till.match_receipt, client, key=receipt.key, body=wrong)
    refused(404, "not-found", till.match_receipt, client, key="0" * 32, body=right)
    refused(422, "invalid", till.match_receipt, client, key=receipt.key, body=till.Match(sale="7", pin="2468"))
    paid = till.match_receipt(client, key=receipt.key, body=right).value
    check((paid.state, paid.flags, paid.payments[0].via) == ("paid", ["overpaid", "late", "manual"], "match"), paid)
    again = refused(409, "already-matched", till.match_receipt, client, key=receipt.key, body=right)
    check(again.problem.sale == cancelled.id, again.problem)
    matched = till.list_receipts(client, matched=True).value.receipts
    check([(one.key, one.sale, one.revision) for one in matched] == [(receipt.key, cancelled.id, 2)], matched)


def look_at_the_display(client):
    seen = till.screen_picture(client)
    check(seen.value.startswith(b"\x89PNG"), seen.headers)
    tag = seen.headers["etag"]
    # The clock on the display may turn between two calls.
    for _ in range(3):
        same = till.screen_picture(client, if_none_match=tag, prefer="wait=1")
        if same.status == 304:
            return
        tag = same.headers["etag"]
    raise AssertionError("the display does not stay the same for a second")


def hear(client, sale):
    """What is told while a sale is made and cancelled."""
    heard = till.events(client, last_event_id=None).value
    made = till.sell(client, sale).value
    wait_state(client, made.id, "showing")
    till.cancel_sale(client, id=made.id)
    states, last = [], None
    for kind, number, data in heard:
        check(kind == "sale" and (last is None or int(number) > last), (kind, number))
        last = int(number)
        if data.id == made.id:
            states.append(data.state)
            if data.state == "cancelled":
                break
    heard.close()
    check(states[0] == "requesting" and "showing" in states, states)
    resumed = till.events(client, last_event_id=last - 1).value
    kind, number, data = next(iter(resumed))
    check((kind, int(number), data.id) == ("sale", last, made.id), (kind, number, data))
    resumed.close()


def main():
    client = Client(sys.argv[1])
    cancelled, paid = cancel_and_pay(client, sell_and_be_refused(client))
    refuse_what_is_wrong(client)
    list_and_look(client, (paid, cancelled))
    type_an_amount(client)
    hear(client, NewSale(amount=15_000))
    look_at_the_display(client)
    print("done", flush=True)


main()
