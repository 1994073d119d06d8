// An OpenID provider that nobody of this project wrote: oidc-provider, with its own development pages for signing in.
// Usage: node server.mjs SECRET REDIRECT_URI   (prints its issuer on its first line; killed by whoever started it)
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [secret, redirectUri] = process.argv.slice(2);
const CLAIMS = { SubjectNameID: '810000000017' };

const http = createServer();
http.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${http.address().port}`;
  const shared = { redirect_uris: [redirectUri], grant_types: ['authorization_code'], response_types: ['code'] };
  const provider = new Provider(issuer, {
    clients: [
      { client_id: 'sesame-secret', client_secret: secret, ...shared },
      { client_id: 'sesame-public', token_endpoint_auth_method: 'none', ...shared },
    ],
    pkce: { required: () => true },
    claims: { openid: ['sub'], scope_all: ['SubjectNameID'] },
    scopes: ['openid', 'scope_all'],
    acrValues: ['eidas1'],
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...CLAIMS }) }),
    cookies: { keys: ['a key of these tests'] },
  });
  // Its development pages sign people in without a level; whoever signs in here did so at the one level there is.
  const finish = provider.interactionFinished.bind(provider);
  provider.interactionFinished = (request, response, result, ...rest) =>
    finish(request, response, result.login ? { ...result, login: { ...result.login, acr: 'eidas1' } } : result, ...rest);
  http.on('request', provider.callback());
  console.log(JSON.stringify({ issuer }));
});
