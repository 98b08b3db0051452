// The certified OpenID provider `oidc-provider` on loopback, with its own pages for signing in and for consent.
import Provider from "oidc-provider";

const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "sprint",
      client_secret: "a secret of the tests",
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
  scopes: ["openid", "email", "profile", "groups"],
  findAccount: async (_, id) => ({
    accountId: id,
    claims: async () => ({
      sub: id,
      email: `${id}@example.org`,
      email_verified: true,
      name: `${id} of oidc-provider`,
      groups: ["leads"],
    }),
  }),
  pkce: { required: () => true },
});

provider.listen(Number(port), "127.0.0.1", () => console.log(issuer));
