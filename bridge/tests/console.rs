//! The fleet console as people meet it: who gets in, what they see, what they may do, and what is written down of it.

mod support;

use serde_json::json;
use sha2::{Digest, Sha256};
use support::console::{PASSWORD, hidden, place, prepare, program, shows, user_line};
use support::{Folder, eventually};
use till_wire::fleet::Command;

#[tokio::test]
async fn nobody_sees_anything_without_a_session_and_every_page_is_shut_in() {
    let (_broker, console, terminals) = place().await;
    terminals.ready(1017, "Quầy 1").await;
    let mut stranger = console.browser();
    for path in ["/", "/terminals/0001017", "/commands", "/commands/c-1", "/bundles/c-1", "/unrouted", "/audit", "/x"] {
        let reply = stranger.get(path).await;
        assert_eq!((reply.status, reply.header("location")), (303, Some("/sign-in")), "{path}");
    }
    let page = stranger.get("/sign-in").await;
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; \
                  frame-ancestors 'none'; base-uri 'none'";
    let mut lan = console.signed_in("lan").await;
    let list = shows(&mut lan, "/", "Quầy 1").await;
    assert!(!list.contains("<script>") && !list.contains(" style=") && !list.contains(" onclick"));
    for reply in [page, lan.get("/").await, lan.get("/nothing").await, lan.get("/style.css").await] {
        assert_eq!(reply.header("content-security-policy"), Some(policy));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("referrer-policy"), Some("same-origin"));
    }
    assert_eq!(lan.get("/").await.header("cache-control"), Some("no-store"));
    let session = lan.cookie("till-console").expect("a session").to_owned();
    assert_eq!(session.len(), 64);
    let csrf = lan.csrf().await;
    lan.post("/sign-out", &format!("csrf={csrf}")).await;
    lan.set_cookie("till-console", &session);
    assert_eq!(lan.get("/").await.status, 303, "a session that was ended is over");
    // Another name may have been made to lead here.
    let reply = lan.ask("GET /sign-in HTTP/1.1", "Host: evil.example\r\n", "").await;
    assert_eq!(reply.status, 421);
}

#[tokio::test]
async fn wrong_passwords_are_refused_written_down_and_bounded() {
    let (_broker, console, _terminals) = place().await;
    let mut browser = console.browser();
    let reply = browser.sign_in("lan", "not this password").await;
    assert!(reply.status == 401 && reply.body.contains("name or the password is wrong"), "{reply:?}");
    // A password that was typed in the wrong field is written down nowhere.
    assert_eq!(browser.sign_in("my-secret", "lan").await.status, 401);
    // The form is bound to the browser that has got it.
    let token = hidden(&browser.get("/sign-in").await.body, "token");
    let form = format!("token={token}&name=lan&password={}", PASSWORD.replace(' ', "+"));
    assert_eq!(console.browser().post("/sign-in", &form).await.status, 403);
    let foreign = browser.post_with("/sign-in", "Origin: https://evil.example\r\n", &form).await;
    assert_eq!(foreign.status, 403);
    let mut tries = 1;
    while browser.sign_in("lan", "not this password").await.status == 401 {
        tries += 1;
        assert!(tries <= 10, "nobody tries for ever");
    }
    let locked = browser.sign_in("lan", PASSWORD).await;
    assert!(locked.status == 429 && locked.body.contains("Too many tries"), "{locked:?}");
    let written = console.audit();
    let events: Vec<_> = written.iter().map(|line| (line["event"].as_str(), line["user"].as_str())).collect();
    assert_eq!(events.first(), Some(&(Some("sign-in-refused"), Some("lan"))));
    assert_eq!(events.get(1), Some(&(Some("sign-in-refused"), Some("unknown"))));
    assert_eq!(written[0]["source"], "127.0.0.1");
    let text = format!("{written:?}");
    assert!(!text.contains("password") && !text.contains("my-secret"), "{text}");
    let metrics = console.admin("/metrics").await.body;
    assert!(metrics.contains("till_console_sign_ins_total{outcome=\"wrong\"} "), "{metrics}");
}

#[tokio::test]
async fn those_who_cannot_take_money_come_first_with_the_reason_and_are_found() {
    let (_broker, console, terminals) = place().await;
    terminals.ready(1001, "Bún chả Hàng Mành").await;
    terminals.ready(1002, "Phở Thìn").await;
    terminals.health(1002, "Phở Thìn", r#","attention":3"#).await;
    terminals.ready(1003, "Chợ Đồng Xuân").await;
    terminals.state(1003, "lost").await;
    let mut lan = console.signed_in("lan").await;
    let list = shows(&mut lan, "/", "Lost contact").await;
    let at = |part: &str| list.find(part).unwrap_or_else(|| unreachable!("no {part} in {list}"));
    assert!(at("0001003") < at("0001002") && at("0001002") < at("0001001"));
    assert!(list.contains("3 sales or receipts need a person"));
    let found = lan.get("/?q=dong+xuan").await.body;
    assert!(found.contains("0001003") && !found.contains("0001001"));
    let found = lan.get("/?standing=fine").await.body;
    assert!(found.contains("0001001") && !found.contains("/terminals/0001003"));
    assert!(lan.get("/?q=zzz").await.body.contains("No terminal is like that"));
    assert!(lan.get("/?q=1002&version=0.1.0&page=99").await.body.contains("0001002"));
    lan.language = "vi";
    let csrf = lan.csrf().await;
    lan.post("/language", &format!("csrf={csrf}&language=vi")).await;
    assert!(lan.get("/").await.body.contains("Không thu được tiền"));
}

#[tokio::test]
async fn p9_what_a_terminal_calls_itself_is_text_on_every_page() {
    let (_broker, console, terminals) = place().await;
    let hostile = r#"<script>alert(1)</script>"><img src=x onerror=alert(1)>"#;
    terminals.state(1017, "ready").await;
    let reason = serde_json::to_string(hostile).expect("JSON");
    let body = format!(
        r#"{{"terminal":{{"number":1017,"label":{reason},"version":{reason},"uptime_s":1}},
           "links":{{"<b>x</b>":{{"up":false,"reason":{reason}}},"payos":{{"up":true}}}},
           "store":{{}},"display":{{"ok":true,"driver":{reason},"size":{reason}}}}}"#
    );
    terminals.say("till/v1/0001017/up/health", body).await;
    let fault = format!(r#"{{"fault":{{"reasons":[{reason}]}}}}"#);
    terminals.say("till/v1/0001017/up/reported", fault).await;
    let status = format!(r#"{{"status":"failed","reason":{reason},"result":{{"x":{reason}}}}}"#);
    terminals.say("till/v1/0001017/up/command/c-1", status).await;
    let webhook = json!({"data": {"amount": 50000, "description": hostile, "orderCode": 123}}).to_string();
    let channel = till_wire::ChannelId::new("payos").expect("a channel");
    let envelope = till_wire::Envelope::new(
        channel,
        "payos".into(),
        support::fleet::now(),
        "POST".into(),
        "/hooks/payos".into(),
        std::collections::BTreeMap::new(),
        webhook,
    );
    terminals.say("till/v1/unrouted/payos", envelope.to_bytes().expect("an envelope")).await;
    let mut lan = console.signed_in("lan").await;
    shows(&mut lan, "/unrouted", "50,000").await;
    shows(&mut lan, "/terminals/0001017", "c-1").await;
    for path in [
        "/",
        "/?q=%3Cscript%3E%22&version=%3Cscript%3E",
        "/terminals/0001017",
        "/commands",
        "/commands/c-1",
        "/unrouted",
    ] {
        let page = lan.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let body = page.body.replace("<script src=\"/console.js\" defer></script>", "");
        assert!(
            !body.contains("<script") && !body.contains("<img src=x") && !body.contains("<b>x</b>"),
            "{path}: {body}"
        );
    }
    assert!(lan.get("/unrouted").await.body.contains("&lt;script&gt;alert(1)"));
}

#[tokio::test]
async fn an_operator_sends_what_is_harmless_and_the_picture_comes_back() {
    let (_broker, console, mut terminals) = place().await;
    terminals.ready(1017, "Quầy 1").await;
    let mut lan = console.signed_in("lan").await;
    shows(&mut lan, "/", "0001017").await;
    let reply = lan.order("0001017", "cmd=screenshot").await;
    assert_eq!(reply.status, 303, "{reply:?}");
    let page = reply.header("location").expect("a page").to_owned();
    let message = terminals.next_command().await;
    let command = Command::open_harmless(message.body.as_bytes(), &[console.key]).expect("it is obeyed");
    assert_eq!(message.topic, format!("till/v1/0001017/down/command/{}", command.jti));
    assert_eq!((command.cmd.as_str(), command.aud.to_string().as_str()), ("screenshot", "0001017"));
    assert!(command.exp - command.iat <= 600);
    // It waits for the answer, without any script.
    assert!(lan.get(&page).await.body.contains("http-equiv=\"refresh\""));
    let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &[b'x'; 70_000]].concat();
    let digest: String = Sha256::digest(&png).iter().map(|byte| format!("{byte:02x}")).collect();
    let id = command.jti;
    for (piece, bytes) in png.chunks(61_440).enumerate() {
        terminals.say(&format!("till/v1/0001017/up/log/{id}/{piece}"), bytes.to_vec()).await;
    }
    let told = json!({"type": "image/png", "bytes": png.len(), "pieces": 2, "sha256": digest});
    let status = json!({"status": "succeeded", "result": told}).to_string();
    terminals.say(&format!("till/v1/0001017/up/command/{id}"), status).await;
    shows(&mut lan, "/terminals/0001017", &format!("src=\"/bundles/{id}\"")).await;
    let picture = lan.get(&format!("/bundles/{id}")).await;
    assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/png")));
    assert!(picture.header("content-security-policy").is_some_and(|policy| policy.contains("sandbox")));
    let rollout = lan.get(&format!("/commands/{id}")).await.body;
    assert!(rollout.contains("100%") && rollout.contains("succeeded"), "{rollout}");
    lan.order("0001017", "cmd=collect-logs&minutes=60").await;
    let message = terminals.next_command().await;
    let command = Command::open_harmless(message.body.as_bytes(), &[console.key]).expect("it is obeyed");
    assert_eq!(json!(command.args), json!({"minutes": 60}));
    let sent: Vec<_> = console.audit().into_iter().filter(|line| line["event"] == "command").collect();
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert_eq!((&sent[0]["user"], &sent[0]["command"]), (&json!("lan"), &json!("screenshot")));
    assert_eq!((&sent[1]["terminal"], &sent[1]["source"]), (&json!("0001017"), &json!("127.0.0.1")));
    assert!(lan.get("/audit").await.body.contains("collect-logs"));
}

#[tokio::test]
async fn p12_what_can_hurt_is_never_sent_and_a_viewer_sends_nothing() {
    let (_broker, console, mut terminals) = place().await;
    terminals.ready(1017, "Quầy 1").await;
    let mut lan = console.signed_in("lan").await;
    shows(&mut lan, "/", "0001017").await;
    let page = lan.get("/terminals/0001017").await.body;
    for cmd in ["restart", "disable", "enable", "wipe", "cancel-sale", "set-log-level", "show-message&text=x", "update"]
    {
        let reply = lan.order("0001017", &format!("cmd={cmd}")).await;
        assert_eq!(reply.status, 403, "{cmd}");
        let line = format!("till fleet command 0001017 {}", cmd.split('&').next().unwrap_or_default());
        assert!(reply.body.contains(&line) && page.contains(&line), "{}", reply.body);
        assert!(!page.contains(&format!("value=\"{cmd}\"")), "no button sends {cmd}");
    }
    for form in ["cmd=dance", "", "cmd=collect-logs&minutes=0", "cmd=Wipe"] {
        assert_eq!(lan.order("0001017", form).await.status, 422, "{form}");
    }
    assert_eq!(lan.order("0009999", "cmd=identify").await.status, 404);
    // A form from elsewhere, an old one, and one without what a form carries.
    let csrf = lan.csrf().await;
    let path = "/terminals/0001017/commands";
    let form = format!("csrf={csrf}&cmd=identify");
    let elsewhere = lan.post_with(path, "Origin: https://evil.example\r\n", &form).await;
    let no_origin = lan.post_with(path, "", &form).await;
    let no_token = lan.post(path, "cmd=identify").await;
    let wrong_token = lan.post(path, &format!("csrf={}&cmd=identify", "0".repeat(64))).await;
    for reply in [elsewhere, no_origin, no_token, wrong_token] {
        assert_eq!(reply.status, 403);
    }
    let mut an = console.signed_in("an").await;
    assert_eq!(an.order("0001017", "cmd=identify").await.status, 403);
    assert_eq!(an.get("/audit").await.status, 403);
    let page = an.get("/terminals/0001017").await.body;
    assert!(!page.contains("name=\"cmd\"") && page.contains("You may only look"));
    assert_eq!(an.post(path, &"x".repeat(17_000)).await.status, 413);
    // The only one that goes out is the one that may.
    assert_eq!(lan.order("0001017", "cmd=identify").await.status, 303);
    let message = terminals.next_command().await;
    let command = Command::peek(message.body.as_bytes()).expect("a command");
    assert_eq!(command.cmd, "identify");
    assert!(!terminals.has_command());
    let refused = console.audit().into_iter().filter(|line| line["event"] == "command-refused").count();
    assert_eq!(refused, 8);
}

#[tokio::test]
async fn a_group_is_found_by_what_its_members_say() {
    let (_broker, console, terminals) = place().await;
    let member = |number: u32, groups: &str| {
        let body = format!(
            r#"{{"terminal":{{"number":{number},"groups":[{groups}],"version":"0.1.0","uptime_s":1}},"links":{{}},"store":{{}}}}"#
        );
        (format!("till/v1/{number:07}/up/health"), body)
    };
    for (number, groups) in
        [(1001, r#""north","night""#), (1002, r#""north""#), (1003, r#""south","<b>x</b>""#), (1004, "")]
    {
        terminals.state(number, "ready").await;
        let (topic, body) = member(number, groups);
        terminals.say(&topic, body).await;
    }
    let mut lan = console.signed_in("lan").await;
    let list = shows(&mut lan, "/", "0001004").await;
    for choice in ["north (2)", "night (1)", "south (1)"] {
        assert!(list.contains(choice), "{choice}: {list}");
    }
    assert!(!list.contains("&lt;b&gt;"), "what is no group's name is no choice");
    let found = lan.get("/?group=north&standing=fine").await.body;
    let has = |page: &str, number: &str| page.contains(&format!("/terminals/{number}"));
    assert!(has(&found, "0001001") && has(&found, "0001002") && !has(&found, "0001003") && !has(&found, "0001004"));
    assert!(found.contains("<option value=\"north\" selected>"));
    assert!(found.contains("standing=attention&amp;version=&amp;group=north"), "the tiles keep the group: {found}");
    let nobody = lan.get("/?group=west").await.body;
    assert!(nobody.contains("No terminal is like that") && nobody.contains("<option value=\"west\" selected>"));
    assert!(lan.get("/terminals/0001001").await.body.contains("north, night"));
    assert!(!lan.get("/terminals/0001004").await.body.contains("Groups"));
}

#[tokio::test]
async fn who_is_taken_out_of_the_file_is_out_of_the_console() {
    let (_broker, console, _terminals) = place().await;
    let mut an = console.signed_in("an").await;
    assert_eq!(an.get("/").await.status, 200);
    let file = console.folder.path().join("users");
    let text = std::fs::read_to_string(&file).expect("the users");
    let others: String = text.lines().filter(|line| !line.starts_with("an:")).map(|line| format!("{line}\n")).collect();
    support::private_file(&file, &others);
    eventually("the session is over", async || Some(an.get("/").await.status).filter(|status| *status == 303)).await;
    let mut lan = console.signed_in("lan").await;
    // A file that cannot be used locks nobody out.
    support::private_file(&file, "nonsense");
    assert_eq!(lan.get("/").await.status, 200);
    assert_eq!(console.admin("/readyz").await.status, 200);
}

#[test]
fn a_user_is_a_line_made_of_a_name_a_role_and_a_password() {
    let (code, line, _) = user_line("lan", "operator", PASSWORD);
    assert_eq!(code, Some(0));
    assert!(line.starts_with("lan:operator:$argon2id$v=19$m=19456,t=2,p=1$") && !line.contains(PASSWORD), "{line}");
    for (name, role, password) in
        [("Lan", "operator", PASSWORD), ("lan", "admin", PASSWORD), ("lan", "viewer", "short")]
    {
        let (code, line, said) = user_line(name, role, password);
        assert_eq!((code, line.as_str()), (Some(2), ""), "{said}");
    }
}

#[test]
fn every_fault_of_the_configuration_is_found_in_one_run() {
    let folder = Folder::new();
    let (config, _) = prepare(folder.path(), 1883);
    let check = || {
        let output = program().arg("--config").arg(&config).arg("--check").output().expect("it can be started");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let prefix = format!("{}: ", config.display());
        let keys = |line: &str| line.replace(&prefix, "").split(" = ").next().unwrap_or_default().to_owned();
        let mut keys: Vec<_> = text.lines().map(keys).collect();
        keys.sort();
        (output.status.code(), keys)
    };
    assert_eq!(check(), (Some(0), Vec::new()));
    support::private_file(&folder.path().join("users"), "lan:operator:secret\n");
    let toml = format!(
        "[http]\nlisten = \"0.0.0.0:8474\"\npublic = \"http://console.example/x\"\ntrusted_proxies = [\"x\"]\n\
         [admin]\nlisten = 1\n[mqtt]\nurl = \"mqtt://broker.example\"\nclient_id = \"0001017\"\n\
         [users]\nfile = \"{0}/users\"\n[sessions]\nidle_min = 1\nlife_h = 0\n\
         [audit]\nmax_bytes = 1\nkeep = 0\n[signing]\nkey = {{ file = \"{0}/users\" }}\n\
         [view]\ntimezone = \"Nowhere/Here\"\n[journal]\npath = \"x\"\n",
        folder.path().display()
    );
    std::fs::write(&config, toml).expect("a configuration");
    let (code, keys) = check();
    assert_eq!(code, Some(64));
    let want = [
        "admin.listen",
        "audit.keep",
        "audit.max_bytes",
        "http.public",
        "http.tls",
        "http.trusted_proxies[0]",
        "journal",
        "mqtt.client_id",
        "mqtt.url",
        "sessions.idle_min",
        "sessions.life_h",
        "signing.key",
        "users.file",
        "view.timezone",
    ];
    assert_eq!(keys, want);
}
