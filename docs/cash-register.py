#!/usr/bin/python3
"""A cash register: cash-register.py AMOUNT [ORDER]. Ends with 0 when paid, 3 when ended unpaid, 1 when refused."""
import http.client, json, os, sys, time, urllib.error, urllib.request, uuid

TILL = os.environ.get("TILL", "http://127.0.0.1:8460")
ENDS = {"paid": 0, "cancelled": 3, "expired": 3, "failed": 3}
LOST = (OSError, http.client.HTTPException, ValueError)  # No answer, half an answer: ask again.

def call(path, body=None, headers={}):
    headers = {"Content-Type": "application/json", **headers}
    if "TILL_TOKEN" in os.environ:
        headers["Authorization"] = "Bearer " + os.environ["TILL_TOKEN"]
    body = body and json.dumps(body).encode()
    return urllib.request.urlopen(urllib.request.Request(TILL + path, body, headers), timeout=45)

def sell(order):
    key = str(uuid.uuid4())  # The same for every try, so that a lost answer never makes a second sale.
    for pause in (1, 2, 4, 8, 16, 0):
        try:
            return json.load(call("/v1/sales", order, {"Idempotency-Key": key}))
        except LOST as error:
            if isinstance(error, urllib.error.HTTPError) and error.code < 500:
                sys.exit(f"refused: {json.load(error)['detail']}")
            time.sleep(pause)
    sys.exit("no answer from the terminal; ask again with the same key before selling anew")

def changes(sale, last=None):
    while True:
        try:
            events = call("/v1/events", None, {"Last-Event-ID": last} if last else {})
            yield json.load(call(f"/v1/sales/{sale}"))  # What had happened before the events began.
            for line in events:
                name, _, value = line.decode().strip().partition(": ")
                last = value if name == "id" else last
                if name == "data" and json.loads(value).get("id") == sale:
                    yield json.loads(value)
        except LOST:
            time.sleep(1)

if not "".join(sys.argv[1:2]).isdigit():
    sys.exit(__doc__)
for sale in changes(sell({"amount": int(sys.argv[1]), "reference": (sys.argv + [None])[2]})["id"]):
    print(sale["id"], sale["state"], sale["paid_amount"], flush=True)
    if sale["state"] in ENDS:
        sys.exit(ENDS[sale["state"]])
