"""What a hostile socket can do: nothing. Events are sent as Reflex's own front end would, by hand."""

import json

SOCKET = """
async ([token, events]) => {
  const wire = (name, payload) => "42/_event," + JSON.stringify(["event", {
    name, payload, token, router_data: {pathname: "/", query: {}, asPath: "/"}}]);
  const address = location.origin.replace(/^http/, "ws") + `/_event/?EIO=4&transport=websocket&token=${token}`;
  const socket = new WebSocket(address);
  const heard = [];
  await new Promise((done) => {
    socket.onmessage = ({data}) => {
      heard.push(data);
      if (data.startsWith("0")) socket.send("40/_event,");
      if (data.startsWith("40/_event")) { for (const [name, payload] of events) socket.send(wire(name, payload)); setTimeout(done, 1500); }
      if (data === "2") socket.send("3");
    };
    socket.onerror = socket.onclose = () => done();
  });
  socket.close();
  return heard.join("\\n");
}
"""
ROOT = "reflex___state____state"
FRAME = f"{ROOT}.sprintreports___ui___frame_state____frame"
OVERVIEW = f"{ROOT}.sprintreports___ui___pages___overview___state____overview"
HYDRATE = (f"{ROOT}.hydrate", {})


def _said(visitor, token: str, *events: tuple[str, dict]) -> str:
    return visitor.page.evaluate(SOCKET, [token, [list(event) for event in events]])


def _token(visitor) -> str:
    return visitor.page.evaluate("sessionStorage.getItem('token')")


def test_the_same_token_without_the_cookie_shows_nothing(admin, guest):
    token = _token(admin)
    other_tab = admin.context.new_page()
    other_tab.goto(admin.url + "/sign-in")
    admin.page.close()  # two sockets with one token: Reflex gives the second another one
    own = other_tab.evaluate(SOCKET, [token, [list(HYDRATE)]])
    assert "Ada Lovelace" in own  # the state is there, and the token finds it
    other_tab.close()
    stranger = guest()
    stranger.open("/sign-in")
    heard = _said(stranger, token, HYDRATE, (f"{OVERVIEW}.load", {}))
    assert "is_hydrated" in heard
    assert "Ada Lovelace" not in heard
    assert "Sprint 2" not in heard


def test_a_stranger_cannot_load_a_page(guest):
    stranger = guest()
    stranger.open("/sign-in")
    heard = _said(stranger, "a-token-of-my-own", HYDRATE, (f"{OVERVIEW}.load", {}))
    assert "/sign-in?next=" in heard
    assert "sprint_card" not in heard
    assert "Sprint 2" not in heard


def test_setvar_and_framework_doors_are_shut(admin, product):
    admin.page.goto(admin.url + "/definitions")
    events = [
        (f"{FRAME}.setvar", {"var_name": "user_name", "value": "Mallory"}),
        (f"{ROOT}.setvar", {"var_name": "is_hydrated", "value": True}),
        (
            f"{ROOT}.reflex___state____update_vars_internal_state.update_vars_internal",
            {"vars": {f"{FRAME}.user_name": "Mallory"}},
        ),
        (f"{FRAME}._settle", {"status": "Mallory"}),
    ]
    heard = _said(admin, "another-token", HYDRATE, *events, HYDRATE)
    assert "Mallory" not in heard
    denied = [line for line in product.said().splitlines() if "event_denied" in line]
    names = " ".join(json.loads(line)["event_name"] for line in denied if line.startswith("{"))
    assert "setvar" in names
    assert "update_vars_internal" in names


def test_the_log_holds_no_cookie(admin, product):
    value = next(one["value"] for one in admin.context.cookies() if one["name"] == "sprintreports_session")
    assert value not in product.said()


def test_another_site_cannot_open_a_socket(guest, product):
    visitor = guest()
    visitor.page.route(
        "http://evil.example/**", lambda route: route.fulfill(body="<p>evil</p>", content_type="text/html")
    )
    visitor.page.goto("http://evil.example/")
    opened = visitor.page.evaluate(
        """(address) => new Promise((done) => {
            const socket = new WebSocket(address);
            socket.onmessage = () => done("open");
            socket.onerror = () => done("refused");
        })""",
        product.url.replace("http", "ws") + "/_event/?EIO=4&transport=websocket",
    )
    assert opened == "refused"
